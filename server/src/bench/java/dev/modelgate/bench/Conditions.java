package dev.modelgate.bench;

/** Grants under a condition on the request. */
record Conditions() implements ShapeCase.Shape {
  static final int USERS = 64;
  static final int MODELS = 64;
  static final String ATTRIBUTE = "country";
  static final String COUNTRY = "NL";

  @Override
  public String name() {
    return "conditions";
  }

  @Override
  public String summary() {
    return "grants under `context.country in [...]`, 4,096 pairs";
  }

  @Override
  public void fill(Filling filling) {
    for (int user = 0; user < USERS; user++) {
      filling.principal(Crowd.user(user));
    }
    for (int model = 0; model < MODELS; model++) {
      filling.resource(Crowd.model(model));
      for (int user = 0; user < USERS; user++) {
        filling.grant(
            Crowd.model(model),
            Crowd.user(user),
            "context." + ATTRIBUTE + " in ['DE', 'FR', '" + COUNTRY + "']");
      }
    }
  }
}
