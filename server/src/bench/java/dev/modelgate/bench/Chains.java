package dev.modelgate.bench;

/** Users that act through four service accounts, each with a grant of its own. */
record Chains() implements ShapeCase.Shape {
  static final int USERS = 64;
  static final int MODELS = 64;
  static final int LINKS = 4;

  @Override
  public String name() {
    return "chains";
  }

  @Override
  public String summary() {
    return "a user acting through 4 service accounts, 5 grants to a question";
  }

  @Override
  public void fill(Filling filling) {
    for (int user = 0; user < USERS; user++) {
      filling.principal(Crowd.user(user));
    }
    for (int link = 0; link < LINKS; link++) {
      filling.principal(link(link));
    }
    for (int model = 0; model < MODELS; model++) {
      filling.resource(Crowd.model(model));
      for (int user = 0; user < USERS; user++) {
        filling.grant(Crowd.model(model), Crowd.user(user));
      }
      for (int link = 0; link < LINKS; link++) {
        filling.grant(Crowd.model(model), link(link));
      }
    }
  }

  static String link(int link) {
    return "serviceAccount:through" + link;
  }
}
