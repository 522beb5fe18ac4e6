package identity

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"strings"
)

// rdn is one attribute of a subject.
type rdn struct{ kind, value string }

var errSubject = errors.New("no subject")

// subjectOf writes the subject of a certificate as RFC 2253 does. One with several attributes in one place, or with a
// value that is no text, fits no rule.
func subjectOf(certificate *x509.Certificate) (string, error) {
	var sequence pkix.RDNSequence
	if rest, err := asn1.Unmarshal(certificate.RawSubject, &sequence); err != nil || len(rest) > 0 {
		return "", errSubject
	}
	return sequence.String(), nil
}

// parseSubject reads attributes by RFC 2253, in their order. A place with several attributes (`+`), a value in
// hexadecimal (`#`) and quotes are not read: such a subject fits no rule.
func parseSubject(text string) ([]rdn, error) {
	var all []rdn
	for text != "" || len(all) == 0 {
		kind, rest, found := strings.Cut(text, "=")
		kind = strings.TrimSpace(kind)
		if !found || kind == "" || strings.ContainsAny(kind, `,+"\<>;#`) {
			return nil, errSubject
		}
		value, after, err := subjectValue(strings.TrimLeft(rest, " "))
		if err != nil {
			return nil, err
		}
		all = append(all, rdn{kind, value})
		if after == "" {
			break
		}
		if text = after[1:]; text == "" {
			return nil, errSubject
		}
	}
	return all, nil
}

// subjectValue reads a value up to a comma that is not escaped.
func subjectValue(text string) (value, rest string, err error) {
	if strings.HasPrefix(text, "#") {
		return "", "", errSubject
	}
	var read []byte
	kept := 0 // Up to here spaces were escaped.
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case ',':
			return trimTail(read, kept), text[i:], nil
		case '+', '"', ';', '<', '>':
			return "", "", errSubject
		case '\\':
			if i+1 == len(text) {
				return "", "", errSubject
			}
			i++
			if octet, ok := hexPair(text[i:]); ok {
				read = append(read, octet)
				i++
			} else if strings.IndexByte(` ,+"\<>;#=`, text[i]) >= 0 {
				read = append(read, text[i])
			} else {
				return "", "", errSubject
			}
			kept = len(read)
		default:
			read = append(read, c)
		}
	}
	return trimTail(read, kept), "", nil
}

func trimTail(value []byte, kept int) string {
	end := len(value)
	for end > kept && value[end-1] == ' ' {
		end--
	}
	return string(value[:end])
}

func hexPair(text string) (byte, bool) {
	if len(text) < 2 {
		return 0, false
	}
	var octet byte
	for _, c := range []byte(text[:2]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		octet = octet<<4 | c
	}
	return octet, true
}
