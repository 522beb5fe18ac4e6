package dev.modelgate.main;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The answers of a call and how it ended. */
final class Collected<T> implements StreamObserver<T> {
  private static final long WAIT_SECONDS_MAX = 20;

  private final List<T> answers = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();

  @Override
  public void onNext(T answer) {
    answers.add(answer);
  }

  @Override
  public void onError(Throwable failure) {
    end.complete(Status.fromThrowable(failure));
  }

  @Override
  public void onCompleted() {
    end.complete(Status.OK);
  }

  List<T> answers() {
    return answers;
  }

  boolean ended() {
    return end.isDone();
  }

  Status end() throws InterruptedException, ExecutionException, TimeoutException {
    return end.get(WAIT_SECONDS_MAX, TimeUnit.SECONDS);
  }
}
