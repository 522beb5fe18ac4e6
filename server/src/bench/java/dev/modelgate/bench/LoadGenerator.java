package dev.modelgate.bench;

import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The load: a process of its own that lives as long as the benchmark, so that it warms up once.
 * Reads {@code <target> <calls> <questions> <in flight> <milliseconds>} lines and answers each with
 * {@code <checks> <allowed> <refused> <nanoseconds> <p50> <p99>}, latencies in nanoseconds per
 * call. One connection to each target, one event loop; each answer starts the next call.
 */
public final class LoadGenerator {
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final Map<String, ManagedChannel> channels = new HashMap<>();
  private final Map<String, Calls> calls = new HashMap<>();
  private final Map<String, Questions> questions = new HashMap<>();

  private LoadGenerator() {}

  /** Serves the lines of standard input until it ends; exits with 1 when a call fails. */
  public static void main(String[] args) {
    try {
      serve();
      System.exit(0);
    } catch (IOException | InterruptedException | RuntimeException e) {
      e.printStackTrace();
      System.exit(1); // The event loop would keep the process.
    }
  }

  private static void serve() throws IOException, InterruptedException {
    LoadGenerator generator = new LoadGenerator();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      Calls calls = generator.calls.computeIfAbsent(words[1], CallKinds::named);
      Questions questions = generator.questions(words[2]);
      LoadRun run = new LoadRun(Integer.parseInt(words[3]), Long.parseLong(words[4]));
      calls.begin(generator.channel(words[0]), questions::next, run);
      System.out.println(run.await());
    }
  }

  private Questions questions(String name) {
    return questions.computeIfAbsent(name, Questions::named);
  }

  private ManagedChannel channel(String target) throws IOException {
    ManagedChannel channel = channels.get(target);
    if (channel == null) {
      channel = open(target);
      channels.put(target, channel);
    }
    return channel;
  }

  private ManagedChannel open(String target) throws IOException {
    String[] parts = target.split(":", 4);
    NettyChannelBuilder builder =
        switch (parts[0]) {
          case "unix" ->
              NettyChannelBuilder.forAddress(new DomainSocketAddress(parts[1]))
                  .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
                  .usePlaintext();
          case "tcp" ->
              NettyChannelBuilder.forAddress(parts[1], Integer.parseInt(parts[2]))
                  .channelType(EpollSocketChannel.class)
                  .usePlaintext();
          case "tls" ->
              NettyChannelBuilder.forAddress(
                      parts[1],
                      Integer.parseInt(parts[2]),
                      TlsChannelCredentials.newBuilder().trustManager(new File(parts[3])).build())
                  .channelType(EpollSocketChannel.class);
          default -> throw new IllegalArgumentException("no such target: " + target);
        };
    return builder.eventLoopGroup(loop).directExecutor().build();
  }
}
