package rules

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// targetBytesMax is the longest target.
	targetBytesMax  = 8192
	pathPunctuation = "-._~!$&'()*+,=:@%"
)

// rawPath is the path of a request as it came, in segments (hazard 37).
//
// Invariant: no server that follows RFC 3986 splits it otherwise. What some decode, resolve or cut before they split is
// refused: encoded slashes and backslashes, dot segments, empty segments but the last, ";".
type rawPath struct {
	raw, decoded []string
}

func parseRawPath(target string) (rawPath, error) {
	if len(target) > targetBytesMax || !strings.HasPrefix(target, "/") {
		return rawPath{}, malformedf("a target that is no path, or too long")
	}
	path, query, _ := strings.Cut(target, "?")
	for i := 0; i < len(query); i++ {
		if c := query[i]; c <= ' ' || c >= 0x7f || c == '#' {
			return rawPath{}, malformedf("a query with a character that must be encoded")
		}
	}
	if path == "/" {
		return rawPath{}, nil
	}
	raw := strings.Split(path[1:], "/")
	decoded := make([]string, len(raw))
	for i, segment := range raw {
		if segment == "" && i < len(raw)-1 {
			return rawPath{}, malformedf("a path with an empty segment")
		}
		text, err := decodeSegment(segment)
		if err != nil {
			return rawPath{}, err
		}
		decoded[i] = text
	}
	return rawPath{raw, decoded}, nil
}

// encoded tells whether anything of it is.
func (p rawPath) encoded() bool {
	return !slices.Equal(p.raw, p.decoded)
}

func decodeSegment(segment string) (string, error) {
	var text strings.Builder
	for i := 0; i < len(segment); i++ {
		c := segment[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || strings.IndexByte(pathPunctuation, c) >= 0) {
			return "", malformedf("a path with a character that must be encoded, or with `;`")
		}
		if c != '%' {
			text.WriteByte(c)
			continue
		}
		octet, ok := hexOctet(segment[i+1:])
		if !ok {
			return "", malformedf("a path with a broken percent-encoding")
		}
		if octet == '/' || octet == '\\' || octet < ' ' || octet == 0x7f {
			return "", malformedf("a path with an encoded slash, backslash or control character")
		}
		text.WriteByte(octet)
		i += 2
	}
	decoded := text.String()
	if !utf8.ValidString(decoded) {
		return "", malformedf("a path that is not UTF-8")
	}
	if decoded == "." || decoded == ".." {
		return "", malformedf("a path with a dot segment")
	}
	return decoded, nil
}

func hexOctet(text string) (byte, bool) {
	if len(text) < 2 {
		return 0, false
	}
	high := strings.IndexByte(upperHex, text[0]&^lowerBit(text[0]))
	low := strings.IndexByte(upperHex, text[1]&^lowerBit(text[1]))
	return byte(high<<4 | low&0xf), high >= 0 && low >= 0
}

// lowerBit is what makes a letter of hexadecimal digits lower case.
func lowerBit(c byte) byte {
	if c >= 'a' && c <= 'f' {
		return 0x20
	}
	return 0
}
