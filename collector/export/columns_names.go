package export

import "strings"

// field is what a column can hold of a post, with the names it goes by, best first, as squash writes them. Names that mean
// other things elsewhere are weak: they count in tables only, where the cells are looked at too.
type field struct{ name, names, weak string }

// guesses are the names of columns in files that were met or described; see columnNames.
var guesses = []field{
	{"text", `fulltext rawcontent text tweettext tweet posttext contenttext content body message messagetext tweetcontent postcontent
		statustext textoriginal originaltext recordtext hitsentence selftext captiontext txt commenttext commentbody replytext replybody textdisplay
		contentsnippet postsnippet sharecommentary postmessage videodescription messagebody tweetbody articlebody cleantext cleanedtext desc comment caption post status sentence
		texto mensagem conteúdo conteudo publicação contenido mensaje comentario publicación texte contenu commentaire testo contenuto
		messaggio commento beitrag beitragstext inhalt nachricht kommentar treść tresc tekst wpis wiadomość komentarz
		текст текстсообщения сообщение содержание комментарий пост повідомлення зміст допис коментар metin içerik gönderi yorum
		النص نص التغريدة المحتوى 微博正文 微博内容 正文 评论内容 内容 文本 全文 本文 ツイート 投稿内容 テキスト 내용 본문`,
		`tweets comments statement snippet contents posts`},
	{"title", `title posttitle submissiontitle`, ``},
	{"id", `idstr tweetid commentid statusid postid idtweet messageid msgid id restid tweetidstr xid conversationpostid importedid docid resourceid uri
		posturi tweeturi code itemid urn identifier rkey cid indexlevel0 微博id mid bid 评论id postident universalmessageid`, `mentionid externalid tweetsid`},
	{"date", `createdat timestamputc createdutc parsedcreatedat datetime publishedat published publisheddate dateofpublication tweetdate tweetdateutc postdate postedat
		postcreated datepublished created date timestamp unixtimestamp timeunix unixtime createdtime tweetcreatedat tweetcreatedts tweettime tweetcreated createdate datecreated
		creationdate publishdate publicationdate pubdate publishtime postedatiso postedattimestamp publishedtime takenat createtime dateutc datetimeutc createdattime
		createdatutc recordcreatedat messagedate commentdate replydate messagets dateposted datepublished posteddate postedon creationtime sentat sentdate senttime cdate
		dataposta datapost datapublicação datadapublicação datacriação fecha fechapublicación fechadepublicación fechahora datum datumuhrzeit
		veröffentlicht veröffentlichtam erstelltam дата датапубликации датаивремя датасоздания датапублікації датаічас datedepublication datepublication dataeora datetweet tarih التاريخ تاريخ
		发布时间 完整日期 发表时间 评论时间 创建时间 日期 时间 日時 投稿日時 날짜 작성일 indexedat time`, `data heure zeit hora data/ora`},
	{"clocktime", `time posttime publishedtime timeutc hour hora uhrzeit время heure ora godzina час postcreatedtime timegmt`, ``},
	{"author", `authorid userid useridstr fromuserid fromuseridstr accountid authoridstr userdid authordid did twitterauthorid xauthorid
		fromiduserid senderid senderuserid authorrestid tweetbyid fromid postownerid authorchannelid authorchannelidvalue uid facebookid 用户id`, ``},
	{"handle", `userscreenname screenname userusername authorusername authorhandle userhandle handle fromusername username accountusername
		authoruniqueid usernamehandle author user fromuser username1 from influencer authorscreenname twitterscreenname senderscreenname tweetbyusername postownerusername
		sender commentauthor usuario usuário autor vertex1 auteur utilisateur benutzer nutzer autore utente użytkownik пользователь автор
		користувач kullanıcı nome nombre المستخدم 用户昵称 用户名 昵称 作者 ユーザー名 작성자 pagename`, ``},
	{"name", `displayname userdisplayname authordisplayname authorname fromname userrealname authorfullname tweetbyfullname extraauthorattributesname fullname accountname accountdisplayname name username`, ``},
	{"lang", `lang language tweetlang tweetlanguage languageguess recordlangs langs idioma sprache langue lingua язык`, ``},
	{"platform", `platform network socialnetwork sourceplatform`,
		`socialmedia mediatype channel pagetype sourcetype contentsource contentsourcename source sourcename domain site website`},
	{"url", `permalink tweetpermalink 微博链接 ссылка ссылканапубликацию ссылканапост посилання tweeturl tweetlink posturl postlink statusurl detailurl messageurl messagelink originalurl weburl url link postviewlink
		twitterurl sharelink mentionurl contenturl articleurl permalinkurl fullurl`, ``},
	{"likes", `likecount favoritecount favouritecount statsdiggcount favouritescount favoritescount likescount likes nlikes nblikes likenum likescounts numberoflikes favorites
		publicmetricslikecount twitterlikes xlikes diggcount reactionscount reactioncount reaction totalreactions numlikes numreactions statisticsreactioncount statisticslikecount statslikes reactions curtidas megusta jaime gefälltmir polubienia mipiace beğeni
		лайки вподобання 点赞数 点赞 lkbpst ups score`, ``},
	{"reposts", `retweetcount repostcount statssharecount reblogscount sharecount sharescount retweetscount retweets reposts nretweets numretweets numberofretweets shares
		publicmetricsretweetcount publicmetricsrepostcount twitterretweets xreposts forwards forwardscount forwardcount repostscount numshares numberforwards statisticssharecount statsretweets statisticsrepostcount репосты shbpst retuits поширення udostępnienia 转发数 转发`, ``},
	{"replies", `replycount repliescount commentcount commentscount repliesreplies replies nreplies publicmetricsreplycount numcomments commsnum commentslen totalreplycount
		comments numreplies numberreplies numberofreplies numberofcomments statisticscommentcount statscomments statisticsreplycount комментарии cm 评论数 评论`, ``},
	{"quotes", `quotecount quotescount quotes publicmetricsquotecount statsquotes`, ``},
	{"views", `viewcount impressioncount viewscount views impressions publicmetricsimpressioncount playcount nviews numviews statisticsviews statisticsviewcount vfpst просмотры перегляди охват visualizações`, ``},
	{"conversation", `conversationid conversationidstr convid threadid recordreplyrooturi replyrooturi linkid videoid`, ``},
	{"reply_to", `inreplytostatusidstr inreplytostatusid inreplytotweetid inreplytoid replytoid repliedtoid inreplyto replyto replytotweetid
		inreplytouri recordreplyparenturi replyparenturi parenturi parentid replyid twitterreplyto xreplyto replytoreplytomsgid replytomessageid
		replytomsgid parent parentcommentid`, ``},
	{"quoted", `quotedstatusidstr quotedstatusid quotedtweetid quotedid quotetweetid quotedtweettweetid quoteid quotedtweet`, ``},
	{"reposted", `retweetedstatusidstr retweetedstatusid retweetedtweetid retweetedid retweetstatusid retweetid retweettweetid originaltweetid
		retweetedtweet twitterretweetof xrepostof`, ``},
	{"is_repost", `isretweet isrepost isreblog isforward isforwarded`, ``},
	{"is_quote", `isquote isquotetweet isquoted isquotestatus`, ``},
	{"is_reply", `isreply`, ``},
	{"type", `tweettype posttype referencedtweettype referencedtweetstype sourcetweettype threadentrytype type`, ``},
	{"other", `referencedtweetid referencedtweetsid sourcetweetid`, ``},
	{"references", `referencedtweets referencedposts`, ``},
	{"original", `retweettext sourcetweettext retweetedtext retweetfulltext retweetedtweetrawcontent retweetedstatusfulltext retweetedstatustext retweetstatustext retweetedtweettext retweetedtweetfulltext retweetedtweettweettext`, ``},
	{"metrics", `publicmetrics`, ``},
	{"hashtags", `hashtags entitieshashtags entities entitiesstr`, ``},
	{"urls", `entitiesurls urlsexpandedurl expandedurls urlsexpanded urls outlinks links entities entitiesstr`, ``},
	{"chat", `peeridchannelid peeridchatid toidchannelid channelid chatid ownerid chatusername channelusername channelname chatname channeltitle канал chattitle
		channel chat peerid`, ``},
	{"subreddit", `subreddit subredditname subredditnameprefixed`, ``},
	{"observed", `retrievedat collectedat timestampcollected collectiontime observedat scrapedat retrievedon extractedts harvesteddate`, ``},
}

// rankedName is where a name stands in guesses.
type rankedName struct {
	field string
	rank  int
	weak  bool
}

// columnNames are the places of every name.
var columnNames = func() map[string][]rankedName {
	m := map[string][]rankedName{}
	for _, f := range guesses {
		strong := strings.Fields(f.names)
		for i, n := range append(strong, strings.Fields(f.weak)...) {
			m[n] = append(m[n], rankedName{f.name, i, i >= len(strong)})
		}
	}
	return m
}()

// isNameOf tells whether a column or member of that name holds a field, whatever else it is in.
func isNameOf(field, name string) bool {
	for _, p := range columnNames[squash(name)] {
		if p.field == field && !p.weak {
			return true
		}
	}
	return false
}

// squash makes names comparable: in lower case, without blanks and what programs put between words.
func squash(name string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '_', '.', '-', '\u00a0', '(', ')', '[', ']', '/', ':', '#', '?', '*', '"', '\'', '\uFEFF':
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(name)))
}

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
