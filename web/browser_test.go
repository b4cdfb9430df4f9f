package web_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Tests in this file open the pages in a real Chromium. They skip where there is none; .ci/run installs one, and axe-core.
// STALLWATCH_SHOTS=DIR writes a picture of every page in every state, to be looked at; STALLWATCH_SHOTS_OF is a regular
// expression that chooses among their names.

// browser starts Chromium, or skips the test.
func browser(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		if os.Getenv("STALLWATCH_BROWSER") == "must" {
			t.Fatal("no Chromium on this machine, and STALLWATCH_BROWSER=must")
		}
		t.Skip("SKIPPED: no Chromium on this machine, so that no page was looked at in a browser (Debian: apt-get install chromium)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 900))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(func() { cancel(); stop() })
	if err := chromedp.Do(ctx); err != nil { // starts it, in a context without a deadline: that would end the browser
		t.Fatal(err)
	}
	return ctx
}

// patience is how long one step in the browser may take on a slow machine.
const patience = 2 * time.Minute

// look is how a page is opened.
type look struct {
	width  int64
	dark   bool
	print  bool
	script bool
}

func (l look) String() string {
	s := fmt.Sprint(l.width)
	if l.dark {
		s += "-dark"
	}
	if l.print {
		s += "-print"
	}
	return s
}

// open loads a page as the look says, and waits until it stands.
func open(ctx context.Context, t *testing.T, address string, l look) {
	t.Helper()
	scheme, medium := "light", "screen"
	if l.dark {
		scheme = "dark"
	}
	if l.print {
		medium = "print"
	}
	do(ctx, t,
		call(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: l.width, Height: 900, DeviceScaleFactor: 1, Mobile: l.width < 600}),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}),
		call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !l.script}),
		chromedp.Navigate(address),
	)
}

// call is a protocol command as a step.
func call[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, c, params)
		return err
	})
}

func do(ctx context.Context, t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// eval runs an expression in the page.
func eval[T any](ctx context.Context, t *testing.T, js string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%.80s: %v", js, err)
	}
	return v
}

// TestShots writes pictures; it tests nothing and runs only when asked.
func TestShots(t *testing.T) {
	dir := os.Getenv("STALLWATCH_SHOTS")
	if dir == "" {
		t.Skip("no STALLWATCH_SHOTS: pictures are made only when asked for")
	}
	ctx := browser(t)
	only := regexp.MustCompile(os.Getenv("STALLWATCH_SHOTS_OF"))
	for _, s := range states(t) {
		for _, path := range s.paths {
			for _, l := range s.looks(path) {
				name := strings.NewReplacer("/", "_", "?", "_", "=", "").Replace(s.name + path + "-" + l.String() + ".png")
				if !only.MatchString(name) {
					continue
				}
				open(ctx, t, s.url+path, l)
				wait, cancel := context.WithTimeout(ctx, patience)
				png, err := chromedp.Run(wait, chromedp.FullScreenshot(100))
				cancel()
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, name), png, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
