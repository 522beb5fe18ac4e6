package modelgate

// WatchesPerStream lowers the limit of one stream.
func WatchesPerStream(limit int) Option {
	return func(s *settings) { s.watchesPerStream = limit }
}
