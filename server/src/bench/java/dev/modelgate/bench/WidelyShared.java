package dev.modelgate.bench;

/** A model that is shared with a million users, each directly. */
record WidelyShared() implements ShapeCase.Shape {
  static final int USERS = 1_000_000;
  static final String MODEL = "everybodys";

  @Override
  public String name() {
    return "shared";
  }

  @Override
  public String summary() {
    return "a model shared with 1,000,000 users directly";
  }

  @Override
  public void fill(Filling filling) {
    filling.resource(Scene.model(MODEL));
    for (int user = 0; user < USERS; user++) {
      filling.grant(Scene.model(MODEL), Crowd.user(user));
    }
  }
}
