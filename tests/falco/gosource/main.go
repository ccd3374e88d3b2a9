// SPDX-License-Identifier: Apache-2.0

// A plug-in in Go: events are numbers in binary, fields are made of them. Most plug-ins in the wild
// are made this way, with a runtime, threads and signal handlers of their own.
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/falcosecurity/plugin-sdk-go/pkg/sdk"
	"github.com/falcosecurity/plugin-sdk-go/pkg/sdk/plugins"
	"github.com/falcosecurity/plugin-sdk-go/pkg/sdk/plugins/extractor"
	"github.com/falcosecurity/plugin-sdk-go/pkg/sdk/plugins/source"
)

type counter struct {
	plugins.BasePlugin
}

type instance struct {
	source.BaseInstance
	next, most uint64
}

func (c *counter) Info() *plugins.Info {
	return &plugins.Info{
		ID:          999,
		Name:        "gocounter",
		Description: "numbers, for tests",
		Contact:     "github.com/nobody",
		Version:     "0.9.1",
		EventSource: "gocounter",
	}
}

func (c *counter) Init(config string) error {
	if config == "fail" {
		return fmt.Errorf("asked to fail")
	}
	return nil
}

func (c *counter) Fields() []sdk.FieldEntry {
	return []sdk.FieldEntry{
		{Type: "uint64", Name: "gocounter.n", Desc: "the number"},
		{Type: "string", Name: "gocounter.text", Desc: "the number as text"},
		{Type: "string", Name: "gocounter.key", Desc: "the argument with the number behind it",
			Arg: sdk.FieldEntryArg{IsRequired: true, IsKey: true}},
		{Type: "string", Name: "gocounter.words", Desc: "two words", IsList: true},
	}
}

func (c *counter) Extract(req sdk.ExtractRequest, evt sdk.EventReader) error {
	var bytes [8]byte

	if _, err := io.ReadFull(evt.Reader(), bytes[:]); err != nil {
		return err
	}
	n := binary.LittleEndian.Uint64(bytes[:])
	switch req.FieldID() {
	case 0:
		req.SetValue(n)
	case 1:
		req.SetValue(strconv.FormatUint(n, 10))
	case 2:
		req.SetValue(req.ArgKey() + strconv.FormatUint(n, 10))
	case 3:
		req.SetValue([]string{"a" + strconv.FormatUint(n, 10), "b"})
	default:
		return fmt.Errorf("no field %d", req.FieldID())
	}
	return nil
}

func (c *counter) Open(params string) (source.Instance, error) {
	most, err := strconv.ParseUint(params, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("not a number: %q", params)
	}
	return &instance{most: most}, nil
}

func (i *instance) NextBatch(_ sdk.PluginState, evts sdk.EventWriters) (int, error) {
	for n := 0; n < evts.Len(); n++ {
		var bytes [8]byte

		if i.next == i.most {
			return n, sdk.ErrEOF
		}
		i.next++
		binary.LittleEndian.PutUint64(bytes[:], i.next)
		evt := evts.Get(n)
		if _, err := evt.Writer().Write(bytes[:]); err != nil {
			return n, err
		}
		evt.SetTimestamp(uint64(time.Unix(int64(i.next), 0).UnixNano()))
	}
	return evts.Len(), nil
}

func (c *counter) String(evt sdk.EventReader) (string, error) {
	var bytes [8]byte

	if _, err := io.ReadFull(evt.Reader(), bytes[:]); err != nil {
		return "", err
	}
	return "number " + strconv.FormatUint(binary.LittleEndian.Uint64(bytes[:]), 10), nil
}

func init() {
	plugins.SetFactory(func() plugins.Plugin {
		c := &counter{}
		source.Register(c)
		extractor.Register(c)
		return c
	})
}

func main() {}
