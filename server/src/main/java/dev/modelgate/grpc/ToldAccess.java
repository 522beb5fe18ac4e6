package dev.modelgate.grpc;

import dev.modelgate.app.check.AccessListener;
import dev.modelgate.app.check.Answer;
import dev.modelgate.model.Refusal;
import dev.modelgate.v1.WatchAccessResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One watched access of a stream, and what of it waits to be written: the last answer, a denial
 * before it if that is an allow, or how the watch ended, which says it all. Guarded by the lock of
 * its stream.
 */
final class ToldAccess implements AccessListener {
  private final AccessStream stream;
  private final long id;
  private final CheckMessages messages;
  private final ErrorMapper errors;

  private @Nullable Answer denial;
  private @Nullable Answer last;
  private @Nullable WatchAccessResponse end;
  private boolean over;
  private boolean waits;
  private int asked;
  private @Nullable Runnable stop;

  ToldAccess(AccessStream stream, long id, CheckMessages messages, ErrorMapper errors) {
    this.stream = stream;
    this.id = id;
    this.messages = messages;
    this.errors = errors;
  }

  long id() {
    return id;
  }

  /** One more request is about it. */
  void asked() {
    asked++;
  }

  /** How many requests are answered by what was taken last. */
  int answered() {
    int answered = asked;
    asked = 0;
    return answered;
  }

  /** Whether nothing more comes. */
  boolean isOver() {
    return over;
  }

  /** Says how the watch is stopped; it may be over already. */
  void begun(Runnable stopping) {
    boolean late;
    synchronized (stream) {
      stop = stopping;
      late = over;
    }
    if (late) {
      stopping.run();
    }
  }

  /** Ends the watch without a word. */
  void stop() {
    Runnable stopping;
    synchronized (stream) {
      over = true;
      stopping = stop;
    }
    if (stopping != null) {
      stopping.run();
    }
  }

  /** Ends the watch as its watcher asked. */
  void end() {
    endWith(WatchAccessResponse.newBuilder().setId(id).setEnded(true).build());
  }

  @Override
  public void told(Answer answer) {
    synchronized (stream) {
      if (over) {
        return;
      }
      Answer before = last;
      if (!answer.allowed()) {
        denial = null; // The answer says it.
      } else if (before != null && !before.allowed()) {
        denial = before;
      }
      last = answer;
      enqueue();
    }
  }

  @Override
  public void lost(Refusal refusal) {
    endWith(
        WatchAccessResponse.newBuilder().setId(id).setError(errors.toItemError(refusal)).build());
  }

  /** What is to be written now, in its order. */
  List<WatchAccessResponse> take() {
    List<WatchAccessResponse> responses = new ArrayList<>(2);
    for (Answer answer : new @Nullable Answer[] {denial, last}) {
      if (answer != null) {
        responses.add(
            WatchAccessResponse.newBuilder()
                .setId(id)
                .setResponse(messages.response(answer))
                .build());
      }
    }
    if (end != null) {
      responses.add(end);
    }
    denial = null;
    last = null;
    end = null;
    waits = false;
    return responses;
  }

  private void endWith(WatchAccessResponse response) {
    synchronized (stream) {
      if (!over) {
        denial = null;
        last = null;
        end = response;
        over = true;
        enqueue();
      }
    }
    stop();
  }

  private void enqueue() {
    if (!waits) {
      waits = true;
      stream.enqueue(this);
    }
  }
}
