package dev.modelgate.bench.peers;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A peer that runs, is filled, and has answered every question of the hot set as the sidecar did.
 */
public final class PeerProcess implements AutoCloseable {
  private static final long STOP_SECONDS = 5;

  private final Process process;
  private final String version;
  private final String target;
  private final RawQuestions questions;

  private PeerProcess(Process process, String version, String target, RawQuestions questions) {
    this.process = process;
    this.version = version;
    this.target = target;
    this.questions = questions;
  }

  /**
   * Starts it in a directory of its own, with its log there.
   *
   * @throws AbsentException when it does not start, cannot be filled, or answers differently
   */
  static PeerProcess start(Peer peer, PeerFetch.Fetched fetched, Path directory, HotSet hot)
      throws IOException, InterruptedException, AbsentException {
    Path log = directory.resolve("peer.log");
    Process process =
        new ProcessBuilder(peer.command(fetched.executable()))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    // So that a benchmark that is broken off leaves nothing behind.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
    try (PeerChannel to = new PeerChannel(peer.target())) {
      PeerWait.untilItAccepts(peer.target(), process);
      RawQuestions questions = peer.fill(to.channel(), hot);
      compare(to.channel(), questions, hot);
      return new PeerProcess(process, fetched.version(), peer.target(), questions);
    } catch (StatusRuntimeException e) {
      stop(process);
      throw new AbsentException("could not be filled: " + e.getStatus());
    } catch (IOException | RuntimeException | InterruptedException | AbsentException e) {
      stop(process);
      throw e;
    }
  }

  /** The process. */
  public ProcessHandle handle() {
    return process.toHandle();
  }

  /** What was fetched. */
  public String version() {
    return version;
  }

  /** Where it listens: {@code unix:<path>} or {@code tcp:<host>:<port>}. */
  public String target() {
    return target;
  }

  /** What it is asked. */
  public RawQuestions questions() {
    return questions;
  }

  @Override
  public void close() {
    stop(process);
  }

  /** A peer that answers differently does other work, and its figures would compare nothing. */
  private static void compare(Channel channel, RawQuestions questions, HotSet hot)
      throws AbsentException {
    int different = 0;
    for (int i = 0; i < hot.pairs().size(); i++) {
      byte[] response =
          ClientCalls.blockingUnaryCall(
              channel, questions.descriptor(), questions.options(), questions.requests().get(i));
      different += questions.allows(response) == hot.pairs().get(i).allowed() ? 0 : 1;
    }
    if (different > 0) {
      throw new AbsentException("%d of %d answers differ".formatted(different, hot.pairs().size()));
    }
  }

  private static void stop(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
