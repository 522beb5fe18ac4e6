package identity

import (
	"context"
	"errors"
	"strings"
)

const (
	forwardedHeader   = "x-forwarded-client-cert"
	forwardedBytesMax = 16_384
)

var (
	errForwarded = errors.New("a forwarded certificate that cannot be read")
	errHops      = errors.New("a forwarded certificate of more than one hop")
)

// forwardedSource maps the certificate that Envoy has verified and forwards.
type forwardedSource struct {
	rules []certificateRule
	hop   *hop
}

func (s *forwardedSource) prove(_ context.Context, request Request) (*proof, error) {
	header, err := only(request, forwardedHeader)
	if header == "" || err != nil {
		return nil, err
	}
	if !s.hop.is(request) {
		return nil, errors.New("a forwarded certificate from an untrusted hop")
	}
	names, err := parseForwarded(header)
	if err != nil {
		return nil, err
	}
	principal, err := principalOf(s.rules, names)
	if err != nil {
		return nil, err
	}
	return &proof{principal: principal}, nil
}

// parseForwarded reads the header strictly: one element, known keys, nothing left.
//
//	By=spiffe://acme/proxy;Hash=...;Subject="CN=ana,O=Acme";URI=spiffe://acme/ana;DNS=ana.acme
//
// Several elements are several hops, of which the caller may have written the first: Envoy must be told to overwrite the
// header (SANITIZE_SET), and more than one element is refused.
func parseForwarded(header string) (certificateNames, error) {
	names := certificateNames{}
	if len(header) > forwardedBytesMax {
		return names, errForwarded
	}
	for rest := header; ; {
		key, after, found := strings.Cut(rest, "=")
		if !found {
			return names, errForwarded
		}
		value, tail, err := forwardedValue(after)
		if err != nil {
			return names, err
		}
		switch strings.ToLower(key) {
		case "uri":
			names.uris = appendText(names.uris, value)
		case "dns":
			names.dns = appendText(names.dns, value)
		case "subject":
			if len(names.subject) > 0 {
				return names, errForwarded
			}
			names.subject = appendText(names.subject, value)
		case "by", "hash", "cert", "chain":
		default:
			return names, errForwarded
		}
		if tail == "" {
			return names, nil
		}
		if tail[0] != ';' {
			return names, errHops
		}
		rest = tail[1:]
	}
}

// appendText leaves out what is empty, as the subject of a certificate without one is.
func appendText(all []string, text string) []string {
	if text == "" {
		return all
	}
	return append(all, text)
}

// forwardedValue reads a value and returns what follows, with its delimiter. Envoy quotes values that have a delimiter:
// one that is not quoted was not written by it.
func forwardedValue(text string) (value, rest string, err error) {
	quoted := strings.HasPrefix(text, `"`)
	if quoted {
		text = text[1:]
	}
	var read strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '"':
			return read.String(), text[i+1:], nil
		case !quoted && (c == ';' || c == ','):
			return read.String(), text[i:], nil
		case !quoted && (c == '"' || c == '='), quoted && c == '\\' && i+1 == len(text):
			return "", "", errForwarded
		case quoted && c == '\\':
			i++
			c = text[i]
		}
		if c < ' ' || c >= 0x7f {
			return "", "", errForwarded
		}
		read.WriteByte(c)
	}
	if quoted {
		return "", "", errForwarded
	}
	return read.String(), "", nil
}
