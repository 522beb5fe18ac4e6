package dev.modelgate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a case has to work with: the load process, servers of this process, a directory that is
 * deleted in the end, and the table. One thread.
 */
public final class Stage implements AutoCloseable {
  /** A subject that is slower than this is not warmed up any longer. */
  private static final long WARM_UP_SECONDS_MAX = 45;

  private static final long WARM_UP_MILLIS = 500;

  private final Settings settings;
  private final Path directory;
  private final Optional<Path> crowd;
  private final Load load;
  private final List<Row> rows = new ArrayList<>();
  private final Map<Scene, BenchServer> servers = new LinkedHashMap<>();
  private final Set<String> warm = new HashSet<>();

  private Stage(Settings settings, Path directory, Optional<Path> crowd, Load load) {
    this.settings = settings;
    this.directory = directory;
    this.crowd = crowd;
    this.load = load;
  }

  /**
   * Opens one.
   *
   * @param crowd where the crowd's store is, or is to be and to stay; empty for one of this stage
   */
  static Stage open(Settings settings, Optional<Path> crowd) throws IOException {
    return new Stage(settings, Files.createTempDirectory("modelgate-bench"), crowd, Load.start());
  }

  /** How long and how large the run is. */
  public Settings settings() {
    return settings;
  }

  /** A new directory, deleted in the end. */
  public Path directory(String name) throws IOException {
    return Files.createTempDirectory(directory, name);
  }

  /** The server of a scene in this process; it stays open until the end or {@link #leave}. */
  public BenchServer server(Scene scene) throws IOException {
    BenchServer server = servers.get(scene);
    if (server == null) {
      boolean shared = scene instanceof Crowd && crowd.isPresent();
      server = new BenchServer(shared ? crowd.get() : directory(scene.name()), scene);
      servers.put(scene, server);
    }
    return server;
  }

  /** The server of the crowd, which most cases ask. */
  public BenchServer crowd() throws IOException {
    return server(new Crowd(settings.grants()));
  }

  /** Closes the server of a scene that no later case asks for. */
  public void leave(Scene scene) {
    BenchServer server = servers.remove(scene);
    if (server != null) {
      server.close();
    }
  }

  /** Makes calls until as many are answered, or for 45 s. */
  public void warmUp(Subject subject, int inFlight, long calls) throws IOException {
    long until = System.nanoTime() + WARM_UP_SECONDS_MAX * 1_000_000_000L;
    for (long made = 0; made < calls && System.nanoTime() < until; ) {
      made += load.round(subject, inFlight, WARM_UP_MILLIS).checks();
    }
  }

  /** One round, not warmed up. */
  public Round round(Subject subject, int inFlight, long millis) throws IOException {
    return load.round(subject, inFlight, millis);
  }

  /**
   * Alternates rounds of a reference and of another, each of the two first as often as last, after
   * both are warm.
   */
  public Pairs pairs(Subject reference, Subject other, int inFlight) throws IOException {
    return pairs(reference, inFlight, other, inFlight);
  }

  /** The same with another number in flight of the reference. */
  Pairs pairs(Subject reference, int referenceInFlight, Subject other, int inFlight)
      throws IOException {
    warmUpOnce(reference);
    warmUpOnce(other);
    List<Round> references = new ArrayList<>();
    List<Round> others = new ArrayList<>();
    for (int i = 0; i < settings.rounds(); i++) {
      boolean isFirst = i % 2 == 0;
      if (isFirst) {
        references.add(load.round(reference, referenceInFlight, settings.millis()));
      }
      others.add(load.round(other, inFlight, settings.millis()));
      if (!isFirst) {
        references.add(load.round(reference, referenceInFlight, settings.millis()));
      }
    }
    return new Pairs(inFlight, references, others);
  }

  private void warmUpOnce(Subject subject) throws IOException {
    // What is asked makes no difference to an echo.
    String questions = subject.target().equals(subject.echoTarget()) ? "" : subject.questions();
    if (warm.add(subject.target() + ' ' + subject.calls() + ' ' + questions)) {
      warmUp(subject, 64, settings.warmUpCalls());
    }
  }

  /** Adds a line to the table, and prints it. */
  public void add(Row row) {
    rows.add(row);
    System.out.println(Report.line(row));
  }

  /** What was added so far. */
  List<Row> rows() {
    return List.copyOf(rows);
  }

  @Override
  public void close() throws IOException {
    load.close();
    for (Scene scene : List.copyOf(servers.keySet())) {
      leave(scene);
    }
    delete(directory);
  }

  static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
