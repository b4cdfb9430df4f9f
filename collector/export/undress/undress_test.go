package undress

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// JSON in other clothes comes out as JSON, line by line, however the bytes arrive.
func TestUndress(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"dicts":          {"{'id': 1951234567890123456, 'text': 'it\\'s \"so\" é \\xe9 \\\\ end', 'ok': True, 'none': None}\n{u'a': u'\\U0001f600', 'n': 12L}\n", "{\"id\": 1951234567890123456, \"text\": \"it's \\\"so\\\" é \\u00e9 \\\\ end\", \"ok\": true, \"none\": null}\n{\"a\": \"😀\", \"n\": 12}\n"},
		"list, tuple":    {`[{'a': ('x', "it's"), 'b': -1.5e-3, 'c': nan}]`, `[{"a": ["x", "it's"], "b": -1.5e-3, "c": null}]`},
		"dates":          {`{'d': datetime.datetime(2025, 8, 1, 10, 3, 24, tzinfo=datetime.timezone.utc), 'e': datetime.datetime(2025, 8, 1, 10, 3, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=72000))), 'f': datetime.date(2025, 8, 1), '_id': ObjectId('66a')}`, `{"d": "2025-08-01T10:03:24Z", "e": "2025-08-01T10:03:00-04:00", "f": "2025-08-01T00:00:00", "_id": "66a"}`},
		"tweepy":         {`[Status(_api=<tweepy.api.API object at 0x7f>, _json={'id_str': '1'}, user=User(id=7), n=Foo(1, 2))]`, `[{"_api":"tweepy.api.API object at 0x7f", "_json":{"id_str": "1"}, "user":{"id":7}, "n":"Foo(1, 2)"}]`},
		"cut string":     {"{'a': 'b\n{'a': 'c'}\n", "{\"a\": \"b\n{\"a\": \"c\"}\n"},
		"events":         {"event: update\ndata: {\"id\":\"1\"}\n\n:thump\nevent: delete\ndata: 12\n\ndata: {\"a\":1}\n", "\n{\"event\":\"update\",\"payload\":{\"id\":\"1\"}}\n\n\n\n{\"event\":\"delete\",\"payload\":12}\n\n{\"a\":1}\n"},
		"headers":        {"HTTP/2 200\r\na: {\"b\":1}\r\n\r\n{\"a\":1}\nHTTP/1.1 200 OK\n\n{\"a\":2}", "\n\n\n{\"a\":1}\n\n\n{\"a\":2}"},
		"log":            {"2025-08-01 10:00:00,123 INFO {\"a\":1}\n2025-08-01 INFO {\"a\":{\"b\":2}}\nno object\n", "{\"a\":1}\n{\"a\":{\"b\":2}}\nno object\n"},
		"mongo":          {"{ \"_id\" : ObjectId(\"66a\"), \"id\" : NumberLong(\"1951234567890123456\"), \"n\" : NumberInt(5), \"text\" : \"it's \\\"so\\\"\", \"d\" : ISODate(\"2025-08-01T10:03:24Z\"), \"ok\" : true }\n", "{ \"_id\" : \"66a\", \"id\" : \"1951234567890123456\", \"n\" : \"5\", \"text\" : \"it's \\\"so\\\"\", \"d\" : \"2025-08-01T10:03:24Z\", \"ok\" : true }\n"},
		"a table":        {"id,\"{\"\"a\"\":1}\"\n1,\"{\"\"a\"\":1}\"\n", ""},
		"a log of words": {"one {\"a\":1}\ntwo\n", ""},
		"JSON":           {`{"a":1}`, ""},
	} {
		_, reader := Undress([]byte(c.in))
		if reader == nil || c.want == "" {
			if (reader == nil) != (c.want == "") {
				t.Errorf("%s: dressed is %v", name, reader != nil)
			}
			continue
		}
		for _, r := range []io.Reader{strings.NewReader(c.in), iotest.OneByteReader(strings.NewReader(c.in))} {
			got, err := io.ReadAll(reader(r))
			if err != nil || string(got) != c.want {
				t.Errorf("%s:\n got %s\nwant %s\n%v", name, got, c.want, err)
			}
		}
	}
}

// A string without an end is not kept in memory to its end.
func TestUndressLong(t *testing.T) {
	r := newPythonReader(io.MultiReader(strings.NewReader(`{'a': '`), io.LimitReader(endless{}, 8<<20)))
	buf := make([]byte, 32<<10)
	for {
		if _, err := r.Read(buf); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if len(r.out) > 1<<20 {
			t.Fatalf("%d bytes are kept", len(r.out))
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// Whatever is undressed has as many lines as before, so that failures name the right one.
func FuzzUndress(f *testing.F) {
	for _, s := range []string{"{'a': u'\\x41\\u0042\\U00000043', 'b': f(1, 'x\ny'), 'c': <d\n>}\n", "event: a\ndata: {}\n\n", "HTTP/1.1 200\r\n\r\n{}\n", "x {\"a\":1}\nx {\"a\":2}\n", "T(a=(1,), b=datetime.date(2025, 8, 1))\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		_, reader := Undress(in)
		if reader == nil {
			return
		}
		out, err := io.ReadAll(reader(bytes.NewReader(in)))
		if err != nil {
			t.Fatal(err)
		}
		if a, b := bytes.Count(in, []byte("\n")), bytes.Count(out, []byte("\n")); a != b {
			t.Errorf("%d lines became %d", a, b)
		}
	})
}
