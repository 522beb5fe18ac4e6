package dev.modelgate.store;

import dev.modelgate.model.Uid;
import java.util.concurrent.CompletionStage;

/**
 * The authority: an ordered, durable log of change sets.
 *
 * <p>Appending says nothing about acceptance; the {@link Acceptor} decides when the record is
 * applied.
 */
public interface ChangeLog extends AutoCloseable {
  /**
   * Appends a record; never blocks. Records of one organization keep the order of the calls.
   *
   * @return completes with the place of the record once it is durable and was delivered;
   *     exceptionally with {@link OutcomeUnknownException} when it may or may not become durable,
   *     with {@link NotAppendedException} when it surely will not
   */
  CompletionStage<Position> append(LogRecord record);

  /**
   * As {@link #append(LogRecord)}, but refused with {@link NotAppendedException} when the log was
   * fenced or recovered since the caller read {@link #epoch}: what was staged on the state of
   * before must not follow that of after.
   *
   * @param urgency a pressing record goes ahead of the patient ones that wait, those of its own
   *     organization apart, which then go with it in their order (hazard 23)
   */
  CompletionStage<Position> append(LogRecord record, long epoch, Urgency urgency);

  /** A number that grows with each fence and each recovery; cheap, any thread. */
  long epoch();

  /**
   * Completes when every record of an organization that was appended before this call has reached
   * its outcome: an answer that was computed over changes not yet durable waits here (hazard 22).
   * Fails as the records before it do.
   */
  CompletionStage<Position> barrier(Uid org);

  /** Which log this is. */
  LogIdentity identity();

  /** Stops taking records, lets those that were taken reach their outcome, ends. */
  @Override
  void close();
}
