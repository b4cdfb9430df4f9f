package main

import (
	"context"
	"errors"
	"io"
	"runtime"
)

// inOrder reads jobs, works on them on all cores, and finishes them one by one in the order read. read ends with io.EOF. The first
// error of read or finish, or the context's, ends it; what was read before an error of read is finished first.
func inOrder[T any](ctx context.Context, read func() (T, error), work func(T), finish func(T) error) error {
	type job struct {
		it   T
		done chan struct{}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	waiting, ordered := make(chan job), make(chan job, 4*workers)
	for range workers {
		go func() {
			for j := range waiting {
				work(j.it)
				close(j.done)
			}
		}()
	}
	readErr := make(chan error, 1)
	go func() {
		defer close(ordered)
		defer close(waiting)
		for {
			it, err := read()
			if err != nil {
				readErr <- err
				return
			}
			j := job{it, make(chan struct{})}
			select {
			case ordered <- j:
				waiting <- j
			case <-ctx.Done():
				readErr <- ctx.Err()
				return
			}
		}
	}()
	for j := range ordered {
		<-j.done
		err := finish(j.it)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			cancel()
			for range ordered { // let the reader come to its end
			}
			return err
		}
	}
	if err := <-readErr; !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}
