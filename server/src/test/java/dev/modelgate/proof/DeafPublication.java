package dev.modelgate.proof;

import dev.modelgate.app.state.Publication;
import dev.modelgate.app.state.PublicationListener;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.Uid;
import java.util.function.Function;

/** What is published, of which nobody is told: a negative control. */
final class DeafPublication implements Publication {
  private final Publication publication;

  DeafPublication(Publication publication) {
    this.publication = publication;
  }

  @Override
  public Published current() {
    return publication.current();
  }

  @Override
  public <T> T retained(Function<Published, T> reader) {
    return publication.retained(reader);
  }

  @Override
  public Published retain() {
    return publication.retain();
  }

  @Override
  public void restrict(Uid org, String why) {
    publication.restrict(org, why);
  }

  @Override
  public AutoCloseable onChange(String organizationId, Runnable action) {
    return () -> {};
  }

  @Override
  public AutoCloseable onPublication(PublicationListener listener) {
    return () -> {};
  }
}
