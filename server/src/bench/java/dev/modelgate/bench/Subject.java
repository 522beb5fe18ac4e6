package dev.modelgate.bench;

import java.util.List;
import java.util.function.LongSupplier;

/**
 * Something that answers calls.
 *
 * @param target where it listens: {@code unix:<path>}, {@code tcp:<host>:<port>} or {@code
 *     tls:<host>:<port>:<file of the certificate authority>}
 * @param echoTarget where the echo of its process listens, in the same way; empty for none
 * @param calls how it is asked, a name of {@link CallKinds}
 * @param questions what it is asked, a name of {@link Questions#named}
 * @param cpuNanos the CPU time that its process has spent so far, in nanoseconds
 * @param processes what belongs to the benchmark beside this process and the load
 */
public record Subject(
    String target,
    String echoTarget,
    String calls,
    String questions,
    LongSupplier cpuNanos,
    List<ProcessHandle> processes) {
  /** Copies the list. */
  public Subject {
    processes = List.copyOf(processes);
  }

  /** The same server, asked in another way. */
  public Subject asked(String otherCalls, String otherQuestions) {
    return new Subject(target, echoTarget, otherCalls, otherQuestions, cpuNanos, processes);
  }

  /** Its echo, asked with the same questions one by one. */
  public Subject echo() {
    return echoed().asked(CallKinds.ECHO, questions);
  }

  /** Its echo, asked in the same way. */
  Subject echoed() {
    if (echoTarget.isEmpty()) {
      throw new IllegalStateException("no echo beside " + target);
    }
    return new Subject(echoTarget, echoTarget, calls, questions, cpuNanos, processes);
  }

  /** In a process of its own, whose CPU counts without the threads that compile and collect. */
  public static Subject ofProcess(
      String target, String echoTarget, String calls, String questions, ProcessHandle process) {
    return new Subject(
        target,
        echoTarget,
        calls,
        questions,
        () -> ServerCpu.nanos(process.pid()),
        List.of(process));
  }
}
