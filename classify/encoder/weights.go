package encoder

import (
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
	raw, err := shipped()
	if err != nil {
		return nil, err
	}
	return Read(raw)
})

// ShippedCard reads what the encoder in the binary says of itself, without unpacking it.
func ShippedCard() (Card, error) {
	raw, err := shipped()
	if err != nil {
		return Card{}, err
	}
	card, _, err := readCard(raw)
	return card, err
}

func shipped() ([]byte, error) {
	raw, err := files.ReadFile("weights.bin")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrAbsent
	}
	return raw, err
}
