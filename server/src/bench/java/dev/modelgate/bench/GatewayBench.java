package dev.modelgate.bench;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * The gateway against the same proxy that checks nothing: {@code mvn -q -Pbench -DskipTests
 * -Dbench.main=dev.modelgate.bench.GatewayBench verify}. Server, sidecar and gateways run in
 * processes of their own, and one gateway has the sidecar in its process; rounds of the checking
 * gateways and of two that pass everything alternate in one run, single calls within each round.
 * Figures are ratios of paired rounds; one passing gateway against the other says how far they can
 * be trusted.
 *
 * <p>Arguments: {@code rounds=20 millis=500 warmup=60000 flags=}, each optional; flags are those of
 * the gateways' Java, with commas between.
 */
public final class GatewayBench implements AutoCloseable {
  private static final double FOREIGN_CORES_MAX = 0.25;
  private static final int SMALL_BYTES = 1_000;
  private static final int LARGE_BYTES = 1 << 20;
  private static final int LARGE_IN_FLIGHT = 4;
  private static final int LARGE_SLICES = 2;
  private static final long WARM_NANOS = 500_000_000;

  private final Map<String, String> arguments;
  private final List<Process> processes = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();

  /** Control, passing, and checking with the sidecar in the process and beside it. */
  private final List<Channel> gateways;

  private final String model;
  private final Random random = new Random(1);

  private GatewayBench(Map<String, String> arguments, Path directory) throws IOException {
    this.arguments = Map.copyOf(arguments);
    String[] served = start("", "serve", directory.resolve("other").toString()).split(" ", -1);
    String flags = arguments.getOrDefault("flags", "");
    String within = directory.resolve("own").toString();
    String[] ports = start(flags, "gateways", served[0], served[1], within).split(" ", -1);
    this.gateways =
        List.of(channel(ports[3]), channel(ports[2]), channel(ports[1]), channel(ports[0]));
    String name = Crowd.model(0);
    this.model = name.substring(name.lastIndexOf('/') + 1);
  }

  /** Runs it and prints the table, or is one of its parts. */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length > 0 && args[0].equals("serve")) {
      GatewayParts.serve(Path.of(args[1]));
      return;
    }
    if (args.length > 0 && args[0].equals("gateways")) {
      GatewayParts.gateways(Path.of(args[1]), Integer.parseInt(args[2]), Path.of(args[3]));
      return;
    }
    Map<String, String> arguments = new LinkedHashMap<>();
    for (String argument : args) {
      int equals = argument.indexOf('=');
      arguments.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    Path directory = Files.createTempDirectory("modelgate-bench");
    Path out = Path.of(arguments.getOrDefault("out", "server/target/bench-gateway"));
    try (GatewayBench bench = new GatewayBench(arguments, directory)) {
      List<Row> rows = bench.run();
      Map<String, String> machine = RunHeader.of(Map.of("arguments", arguments.toString()));
      Report.write(out, machine, rows);
      System.out.println(Report.table(machine, rows));
    } finally {
      Stage.delete(directory);
    }
  }

  private List<Row> run() {
    // By number: what is not compiled yet takes ten times as long, and a check more than a pass.
    for (Channel channel : gateways) {
      warm(channel, SMALL_BYTES, number("warmup", 60_000));
      warm(channel, LARGE_BYTES, number("warmup", 60_000) / 100);
    }
    List<Row> rows = new ArrayList<>();
    rows.addAll(rows("p50", 1, "us", true, 1.3, 1.15, this::small));
    rows.addAll(rows("1 MiB tensors", LARGE_IN_FLIGHT, "/s", false, 0.9, 0.95, this::large));
    return rows;
  }

  /** One round: the figures of all gateways, each of them given so long. */
  private interface Round {
    double[] figures(List<Channel> channels, long millis);
  }

  private List<Row> rows(
      String name,
      int inFlight,
      String unit,
      boolean atMost,
      double must,
      double aim,
      Round round) {
    int rounds = (int) number("rounds", 20);
    double[][] figures = new double[gateways.size()][rounds];
    double[] foreign = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      long busy = MachineCpu.busyNanos();
      long own = own();
      long start = System.nanoTime();
      double[] found = round.figures(gateways, millis());
      for (int which = 0; which < found.length; which++) {
        figures[which][i] = found[which];
      }
      foreign[i] =
          (double) (MachineCpu.busyNanos() - busy - (own() - own)) / (System.nanoTime() - start);
    }
    double[] passed = figures[1];
    double[] errors = ratios(figures[0], passed);
    double error = Medians.median(Arrays.stream(errors).map(each -> Math.abs(each - 1)).toArray());
    boolean noisy = Medians.median(foreign) > FOREIGN_CORES_MAX;
    List<String> names =
        List.of("passing against passing, ", "", "sidecar in the process, ", "sidecar beside it, ");
    List<Row> rows = new ArrayList<>();
    for (int which : new int[] {0, 2, 3}) {
      boolean isControl = which == 0;
      rows.add(
          new Row(
              names.get(which) + name,
              inFlight,
              Medians.median(figures[which]),
              unit,
              Medians.median(passed),
              Medians.median(ratios(figures[which], passed)),
              best(figures[which], atMost) / best(passed, atMost),
              error,
              Target.ratio(isControl ? Double.NaN : must, isControl ? Double.NaN : aim),
              atMost,
              noisy ? Row.NOISY : ""));
    }
    return rows;
  }

  private static double best(double[] values, boolean least) {
    return (least ? Arrays.stream(values).min() : Arrays.stream(values).max()).orElseThrow();
  }

  private static double[] ratios(double[] values, double[] references) {
    double[] ratios = new double[values.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = values[i] / references[i];
    }
    return ratios;
  }

  /** Another one each time, so that none is always behind the same, whose caches it finds. */
  private List<Integer> order(int size) {
    List<Integer> order = new ArrayList<>();
    IntStream.range(0, size).forEach(order::add);
    Collections.shuffle(order, random);
    return order;
  }

  /** Microseconds that half of the calls take, one after the other, each through the next. */
  private double[] small(List<Channel> channels, long millis) {
    byte[] request = GatewayParts.request(model, SMALL_BYTES);
    List<Histogram> nanos = channels.stream().map(channel -> new Histogram(3)).toList();
    long until = System.nanoTime() + channels.size() * millis * 1_000_000;
    while (System.nanoTime() < until) {
      for (int which : order(channels.size())) {
        long before = System.nanoTime();
        byte[] unused =
            ClientCalls.blockingUnaryCall(
                channels.get(which), GatewayParts.infer(), CallOptions.DEFAULT, request);
        nanos.get(which).recordValue(System.nanoTime() - before);
      }
    }
    return nanos.stream().mapToDouble(each -> each.getValueAtPercentile(50) / 1e3).toArray();
  }

  /** Calls in a second, several in flight, in slices that go around. */
  private double[] large(List<Channel> channels, long millis) {
    byte[] request = GatewayParts.request(model, LARGE_BYTES);
    double[] calls = new double[channels.size()];
    double[] nanos = new double[channels.size()];
    for (int slice = 0; slice < LARGE_SLICES; slice++) {
      for (int which : order(channels.size())) {
        long start = System.nanoTime();
        calls[which] +=
            calls(channels.get(which), request, start + millis * 1_000_000 / LARGE_SLICES);
        nanos[which] += System.nanoTime() - start;
      }
    }
    for (int which = 0; which < calls.length; which++) {
      calls[which] *= 1e9 / nanos[which];
    }
    return calls;
  }

  private void warm(Channel channel, int bytes, long calls) {
    byte[] request = GatewayParts.request(model, bytes);
    for (long done = 0; done < calls; ) {
      done += calls(channel, request, System.nanoTime() + WARM_NANOS);
    }
  }

  private static int calls(Channel channel, byte[] request, long until) {
    List<CompletableFuture<Integer>> callers =
        Stream.generate(
                () ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          int calls = 0;
                          for (; System.nanoTime() < until; calls++) {
                            byte[] unused =
                                ClientCalls.blockingUnaryCall(
                                    channel, GatewayParts.infer(), CallOptions.DEFAULT, request);
                          }
                          return calls;
                        },
                        task -> new Thread(task).start()))
            .limit(LARGE_IN_FLIGHT)
            .toList();
    return callers.stream().mapToInt(CompletableFuture::join).sum();
  }

  private String start(String flags, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
    if (!flags.isEmpty()) {
      command.addAll(List.of(flags.split(",", -1)));
    }
    command.addAll(
        List.of("-classpath", System.getProperty("java.class.path"), GatewayBench.class.getName()));
    command.addAll(List.of(args));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    processes.add(process);
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    if (line == null) {
      throw new IllegalStateException("a part of the benchmark has ended: " + args[0]);
    }
    return line;
  }

  private Channel channel(String port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                "127.0.0.1", Integer.parseInt(port), InsecureChannelCredentials.create())
            .build();
    channels.add(channel);
    Metadata headers = new Metadata();
    headers.put(GatewayParts.USER, Crowd.user(0));
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private long own() {
    long own = MachineCpu.ofProcess(ProcessHandle.current());
    for (Process process : processes) {
      own += MachineCpu.ofProcess(process.toHandle());
    }
    return own;
  }

  private long millis() {
    return number("millis", 500);
  }

  private long number(String argument, long otherwise) {
    return Long.parseLong(arguments.getOrDefault(argument, Long.toString(otherwise)));
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    processes.forEach(Process::destroy);
  }
}
