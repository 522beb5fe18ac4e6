package dev.modelgate.bench;

/** What a server of the benchmark holds. Equal scenes are one server. */
public interface Scene {
  /** The one organization of every scene. */
  String ORGANIZATION = "bench";

  /** The environment in which its models lie. */
  String ENVIRONMENT = "organizations/" + ORGANIZATION + "/environments/prod";

  /** Its name, letters and hyphens. */
  String name();

  /** Puts everything into a store that holds the organization and the environment. */
  void fill(Filling filling);

  /** The full name of a model of the environment. */
  static String model(String id) {
    return ENVIRONMENT + "/models/" + id;
  }
}
