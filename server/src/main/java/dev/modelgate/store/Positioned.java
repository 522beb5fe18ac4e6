package dev.modelgate.store;

/** A record and its place in the log. */
public record Positioned(Position position, LogRecord record) {}
