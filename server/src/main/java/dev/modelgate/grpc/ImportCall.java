package dev.modelgate.grpc;

import dev.modelgate.app.commit.ImportLine;
import dev.modelgate.app.commit.ImportRun;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.ImportResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of Import. Asks the client for the next message when it begins to work on one, so that
 * at most one waits here, and works on the executor, one message at a time.
 */
final class ImportCall implements StreamObserver<ImportRequest> {
  private static final Logger log = LoggerFactory.getLogger(ImportCall.class);

  private final ImportOpening opening;
  private final Requester requester;
  private final ServerCallStreamObserver<ImportResponse> call;
  private final ErrorMapper errors;
  private final Runnable close;
  private final SerialTask task;

  /** One message at most, and the end of the stream. */
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

  private @Nullable RecordReader reader;
  private @Nullable ImportRun run;
  private long skip;
  private long seen;
  private boolean ended;

  /**
   * A call that begins to read. To be made in the handler.
   *
   * @param close run once, when the call has ended
   */
  ImportCall(
      ImportOpening opening,
      Requester requester,
      ServerCallStreamObserver<ImportResponse> call,
      Executor executor,
      ErrorMapper errors,
      Runnable close) {
    this.opening = opening;
    this.requester = requester;
    this.call = call;
    this.errors = errors;
    this.close = close;
    this.task =
        new SerialTask(executor, this::work, () -> fail(AdminCalls.overloaded().asException()));
    call.disableAutoRequest();
    call.setOnCancelHandler(task::signal);
    call.request(1);
  }

  @Override
  public void onNext(ImportRequest message) {
    waiting.add(() -> take(message));
    task.signal();
  }

  @Override
  public void onError(Throwable failure) {
    task.signal();
  }

  @Override
  public void onCompleted() {
    waiting.add(this::finish);
    task.signal();
  }

  private void work() {
    if (call.isCancelled()) {
      end();
    }
    Runnable step = waiting.poll();
    while (step != null && !ended) {
      try {
        step.run();
      } catch (RuntimeException e) {
        fail(e);
      } catch (Error e) {
        fail(new IllegalStateException("the import ended with " + e, e));
        throw e;
      }
      step = waiting.poll();
    }
  }

  private void take(ImportRequest message) {
    call.request(1); // It is read while this one is worked on.
    switch (message.getPartCase()) {
      case HEADER -> open(message);
      case RECORDS -> takeRecords(message.getRecords().getRecordsList());
      case PART_NOT_SET ->
          throw placed(
              Refusal.ofField(
                  Fault.INVALID_FIELD, "part", "", "exactly one of header and records"));
    }
  }

  private void open(ImportRequest message) {
    if (run != null) {
      throw placed(Refusal.ofField(Fault.INVALID_FIELD, "header", "", "only in the first message"));
    }
    skip = message.getHeader().getSkipRecords();
    try {
      ImportOpening.Opened opened = opening.open(message.getHeader(), requester);
      run = opened.run();
      reader = opened.reader();
    } catch (RefusedException e) {
      throw e.refusal()
          .with("line", "1")
          .with("appliedRecords", Long.toUnsignedString(skip))
          .asException();
    }
  }

  private void takeRecords(List<ImportRecord> records) {
    ImportRun open = run;
    RecordReader read = reader;
    if (open == null || read == null) {
      throw placed(Refusal.ofField(Fault.INVALID_FIELD, "records", "", "a header before them"));
    }
    try {
      Fields.some("records.records", records.size(), ImportOpening.RECORDS_MAX);
    } catch (RefusedException e) {
      throw placed(e.refusal());
    }
    for (ImportRecord record : records) {
      if (call.isCancelled()) {
        end();
        return;
      }
      if (seen++ >= skip) {
        add(open, read, record);
      }
    }
  }

  private static void add(ImportRun run, RecordReader reader, ImportRecord record) {
    ImportLine line;
    try {
      line = reader.read(record);
    } catch (RefusedException e) {
      throw run.refusalOfNext(e.refusal());
    }
    run.add(line);
  }

  private void finish() {
    if (run == null) {
      throw placed(Refusal.ofField(Fault.INVALID_FIELD, "header", "", "one header"));
    }
    ImportResponse answer = opening.answer(run, requester, Math.min(skip, seen));
    end();
    call.onNext(answer);
    call.onCompleted();
  }

  /** Where a refusal of a whole message stands: at the next record, or at the header. */
  private RefusedException placed(Refusal refusal) {
    return run == null
        ? refusal.with("line", "1").with("appliedRecords", "0").asException()
        : run.refusalOfNext(refusal);
  }

  private void fail(RuntimeException failure) {
    if (!ended) {
      end();
      call.onError(errors.toException(failure));
    }
  }

  private void end() {
    if (!ended) {
      ended = true;
      try {
        if (run != null) {
          run.close();
        }
      } catch (RuntimeException e) {
        log.error("an import has ended and was not let go of", e); // What became of it stands.
      } finally {
        close.run();
      }
    }
  }
}
