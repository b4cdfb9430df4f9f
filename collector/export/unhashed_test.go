package export

// OpenUnhashed is Open without the SHA-256 of what is read, to measure the reading alone.
func OpenUnhashed(name string) (*File, error) {
	f, err := Open(name, Options{})
	if err == nil {
		f.raw = &countReader{f}
	}
	return f, err
}
