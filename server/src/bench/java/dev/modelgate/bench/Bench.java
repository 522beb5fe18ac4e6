package dev.modelgate.bench;

/** Entry of {@code mvn -q -Pbench -DskipTests verify}; prints one table. */
public final class Bench {

  private Bench() {}

  /** Runs every benchmark in this JVM. */
  public static void main(String[] args) {
    System.out.println("no benchmark yet");
  }
}
