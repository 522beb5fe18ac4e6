package dev.modelgate.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Answers {@code GET /metrics} (Prometheus text), {@code /livez} (200 while the process runs) and
 * {@code /readyz} (200 while it serves, else 503); everything else is 404, other methods 405. Two
 * threads.
 */
public final class HttpEndpoint implements AutoCloseable {
  private static final int THREADS = 2;
  private static final int BACKLOG = 64;

  private final HttpServer server;
  private final ExecutorService executor;

  /**
   * Listens.
   *
   * @param port 0 for a free one
   * @param metrics what {@code /metrics} answers
   * @param ready what {@code /readyz} answers
   * @throws IOException naming host and port when it cannot listen there
   */
  public HttpEndpoint(String host, int port, Supplier<String> metrics, BooleanSupplier ready)
      throws IOException {
    try {
      this.server = HttpServer.create(new InetSocketAddress(host, port), BACKLOG);
    } catch (IOException e) {
      throw new IOException(
          "http port " + port + ": cannot listen there, is it in use? (" + e.getMessage() + ")", e);
    }
    this.executor =
        Executors.newFixedThreadPool(
            THREADS,
            task -> {
              Thread thread = new Thread(task, "modelgate-http");
              thread.setDaemon(true);
              return thread;
            });
    server.setExecutor(executor);
    server.createContext("/", exchange -> answer(exchange, metrics, ready));
    server.start();
  }

  /** The port that it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  private static void answer(HttpExchange exchange, Supplier<String> metrics, BooleanSupplier ready)
      throws IOException {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("GET")) {
        send(exchange, 405, "text/plain", "only GET\n");
        return;
      }
      switch (exchange.getRequestURI().getPath()) {
        case "/metrics" ->
            send(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.get());
        case "/livez" -> send(exchange, 200, "text/plain", "ok\n");
        case "/readyz" -> {
          boolean is = ready.getAsBoolean();
          send(exchange, is ? 200 : 503, "text/plain", is ? "ok\n" : "not serving\n");
        }
        default -> send(exchange, 404, "text/plain", "not found\n");
      }
    }
  }

  private static void send(HttpExchange exchange, int code, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(code, body.length);
    exchange.getResponseBody().write(body);
  }
}
