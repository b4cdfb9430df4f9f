package encoder

import (
	"bufio"
	"embed"
	"errors"
	"io/fs"
	"sync"
)

// The pattern also takes weights.md, so that the package builds where the weights are not there yet.
//
//go:embed weights.*
var files embed.FS

// ErrAbsent says that the binary was built without weights.
var ErrAbsent = errors.New("this build has no encoder weights")

// Shipped is the encoder in the binary. It is unpacked at the first call.
var Shipped = sync.OnceValues(func() (*Encoder, error) {
	file, err := shipped()
	if err != nil {
		return nil, err
	}
	return Read(file)
})

// ShippedCard reads what the encoder in the binary says of itself, without unpacking it.
func ShippedCard() (Card, error) {
	file, err := shipped()
	if err != nil {
		return Card{}, err
	}
	return readCard(bufio.NewReaderSize(file, maxHead))
}

// shipped opens the weights where they are in the binary; ReadFile would copy them.
func shipped() (fs.File, error) {
	file, err := files.Open("weights.bin")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrAbsent
	}
	return file, err
}
