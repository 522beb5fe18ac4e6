// Package modelgate asks a Modelgate sidecar: may this principal do this to that model, now?
//
// [Client.Check] and [Client.BatchCheck] decide once, [Client.Watch] follows one access for as long as something runs
// because of it. Whatever goes wrong, the [Answer] is a denial that keeps its cause: only an explicit decision of the
// sidecar, within the deadline, allows.
//
// To put a prediction server behind these answers use package protect, which has interceptors and an HTTP middleware.
package modelgate
