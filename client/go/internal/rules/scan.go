package rules

import (
	"math"
	"strconv"
	"unicode/utf8"
)

const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5

	typeBits = 3
	typeMask = 7
)

// unit is what one occurrence of the message that names a model says.
type unit struct {
	model, version         string
	versionSeen, labelSeen bool
}

func (u *unit) end(asked *asked) error {
	if u.versionSeen && u.labelSeen {
		// Of a oneof the last counts.
		return malformedf("a version and a label")
	}
	return asked.add(u.model, u.version)
}

// scanner reads model and version from the bytes of one message, without its schema (hazard 36).
//
// Invariant: what it tells is what every protobuf parser reads from the same bytes, or the message is refused. Parsers
// keep the last of several occurrences and merge messages; so a second occurrence of anything on the way is refused, and
// what is walked is walked to its end.
type scanner struct {
	bytes   []byte
	at      int
	integer bool
	asked   *asked
	unit    unit
}

func scan(message []byte, tree *fieldTree, asked *asked) error {
	s := &scanner{bytes: message, integer: tree.integerVersion, asked: asked}
	return s.message(tree.root, len(message))
}

func (s *scanner) message(n *node, end int) error {
	if n.unit {
		s.unit = unit{}
	}
	seen := uint64(0)
	for s.at < end {
		tag, err := s.tag(end)
		if err != nil {
			return err
		}
		index, field := n.child(int(tag >> typeBits))
		if field == nil {
			if err := s.skip(int(tag&typeMask), end); err != nil {
				return err
			}
			continue
		}
		if !field.repeated && seen&(1<<index) != 0 {
			return malformedf("a field that names the model, or is around it, stands twice")
		}
		seen |= 1 << index
		if err := s.field(field, int(tag&typeMask), end); err != nil {
			return err
		}
	}
	if n.unit {
		return s.unit.end(s.asked)
	}
	return nil
}

func (s *scanner) field(field *node, wireType, end int) error {
	integer := field.role == roleVersion && s.integer
	if integer && wireType != wireVarint || !integer && wireType != wireBytes {
		return malformedf("a field that names the model, or is around it, of another type")
	}
	s.unit.versionSeen = s.unit.versionSeen || field.role == roleVersion || field.holds == roleVersion
	s.unit.labelSeen = s.unit.labelSeen || field.role == roleLabel || field.holds == roleLabel
	if integer {
		return s.number(end)
	}
	length, err := s.length(end)
	if err != nil {
		return err
	}
	inner := s.at + length
	if field.role == roleMessage {
		if field.holds == roleVersion && s.integer {
			s.unit.version = "0" // What the field in it is when it is left out.
		}
		return s.message(field, inner)
	}
	if length > segmentBytesMax {
		return malformedf("a name of more than %d bytes", segmentBytesMax)
	}
	text := s.bytes[s.at:inner]
	if !utf8.Valid(text) {
		return malformedf("a name that is not UTF-8")
	}
	switch field.role {
	case roleModel:
		s.unit.model = string(text)
	case roleVersion:
		s.unit.version = string(text)
	}
	s.at = inner
	return nil
}

func (s *scanner) number(end int) error {
	value, err := s.varint(end)
	if err != nil {
		return err
	}
	if value > math.MaxInt64 || value == 0 && s.unit.version == "" {
		// Written out where 0 is the same as nothing, it is one or the other.
		return malformedf("a version below 0, or of 0 that may stand for none")
	}
	s.unit.version = strconv.FormatUint(value, 10)
	return nil
}

func (s *scanner) skip(wireType, end int) error {
	var length int
	var err error
	switch wireType {
	case wireVarint:
		_, err = s.varint(end)
	case wireFixed64:
		length = 8
	case wireBytes:
		length, err = s.length(end)
	case wireFixed32:
		length = 4
	default:
		return malformedf("a group, or a field of no known type")
	}
	if err != nil {
		return err
	}
	if length > end-s.at {
		return malformedf("a field that is longer than its message")
	}
	s.at += length
	return nil
}

// tag is the number and type of a field; its shortest form alone is read, for some parsers read others as another tag.
func (s *scanner) tag(end int) (uint32, error) {
	begin := s.at
	tag, err := s.varint(end)
	if err != nil {
		return 0, err
	}
	if tag > math.MaxUint32 || s.at-begin > 1 && s.bytes[s.at-1] == 0 {
		return 0, malformedf("an overlong tag")
	}
	if tag>>typeBits == 0 {
		return 0, malformedf("a field without a number")
	}
	return uint32(tag), nil
}

// length is at most what is left of the message.
func (s *scanner) length(end int) (int, error) {
	begin := s.at
	length, err := s.varint(end)
	if err != nil {
		return 0, err
	}
	if length > math.MaxInt32 || s.at-begin > 5 {
		return 0, malformedf("an overlong length")
	}
	if length > uint64(end-s.at) {
		return 0, malformedf("a field that is longer than its message")
	}
	return int(length), nil
}

// varint is at most ten bytes of 64 bits.
func (s *scanner) varint(end int) (uint64, error) {
	var value uint64
	for shift := 0; shift < 70; shift += 7 {
		if s.at >= end {
			return 0, malformedf("a message that is cut off")
		}
		octet := s.bytes[s.at]
		s.at++
		if shift == 63 && octet > 1 {
			break
		}
		value |= uint64(octet&0x7f) << shift
		if octet < 0x80 {
			return value, nil
		}
	}
	return 0, malformedf("an overlong number")
}
