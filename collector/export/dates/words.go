package dates

import (
	"strings"
	"time"
)

// monthNames are those of the months in English, German, French, Spanish, Portuguese, Italian, Polish, Russian, Ukrainian and
// Turkish, as they stand in dates, and short.
var monthNames = monthTable(
	"january jan januar jänner janvier janv enero ene janeiro gennaio gen stycznia styczeń sty января январь янв січня січень січ ocak oca",
	"february feb februar février fevrier févr fév fevr febrero fevereiro fev febbraio lutego luty lut февраля февраль фев февр лютого лютий лют şubat şub",
	"march mar märz maerz mrz mär mars marzo março marco marca marzec марта март мар березня березень бер mart",
	"april apr avril avr abril abr aprile kwietnia kwiecień kwi апреля апрель апр квітня квітень квіт кві nisan nis",
	"may mai mayo maio maggio mag maja maj мая май травня травень трав тра mayıs",
	"june jun juni juin junio junho giugno giu czerwca czerwiec cze июня июнь июн червня червень черв чер haziran haz",
	"july jul juli juillet juil julio julho luglio lug lipca lipiec lip июля июль июл липня липень лип temmuz tem",
	"august aug août aout agosto ago sierpnia sierpień sie августа август авг серпня серпень серп сер ağustos ağu",
	"september sep sept septembre septiembre setiembre setembro set settembre września wrzesień wrz сентября сентябрь сен сент вересня вересень вер eylül eyl",
	"october oct oktober okt octobre octubre outubro out ottobre ott października październik paź октября октябрь окт жовтня жовтень жовт жов ekim eki",
	"november nov novembre noviembre novembro listopada listopad lis ноября ноябрь ноя нояб листопада листопад лист лис kasım kas",
	"december dec dezember dez décembre decembre déc diciembre dic dezembro dicembre grudnia grudzień gru декабря декабрь дек грудня грудень груд гру aralık ara",
)

func monthTable(months ...string) map[string]time.Month {
	m := map[string]time.Month{}
	for i, names := range months {
		for _, n := range strings.Fields(names) {
			m[n] = time.Month(i + 1)
		}
	}
	return m
}

// zones are the abbreviations that mean one thing in the data we know (Sentiment140 writes PDT).
var zones = map[string]int{"UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8,
	"PDT": -7, "BST": 1, "WEST": 1, "MSK": 3, "JST": 9, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3}

// fillers are what stands between the parts of a date, and says nothing.
var fillers = strings.Fields("t at um uhr de del à alle ore o godz в о г р року года kl the of on às a las h ч 年 月 日 년 월 일 星期 pt")

// halves are the words for the halves of the day.
var halves = map[string]int{"am": 1, "pm": 2, "上午": 1, "下午": 2, "오전": 1, "오후": 2}
