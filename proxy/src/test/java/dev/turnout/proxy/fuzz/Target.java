package dev.turnout.proxy.fuzz;

import dev.turnout.proxy.frontend.RequestStreamFuzz;
import dev.turnout.proxy.frontend.ResponseStreamFuzz;
import dev.turnout.proxy.http.BodyFuzz;
import dev.turnout.proxy.http.HeadFuzz;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Immutable. What is fuzzed. To add a target: a public class with {@code public static void fuzzerTestOneInput(byte[])}, which
 * throws if something is wrong; a constant here; and its seeds in {@code fuzz/<name>.txt}.
 */
@SuppressWarnings("ImmutableEnumChecker") // a method reference to something static holds nothing
enum Target {
    REQUEST_STREAM(RequestStreamFuzz.class, RequestStreamFuzz::fuzzerTestOneInput, 2_000),
    RESPONSE_STREAM(ResponseStreamFuzz.class, ResponseStreamFuzz::fuzzerTestOneInput, 3_000),
    BODY(BodyFuzz.class, BodyFuzz::fuzzerTestOneInput, 10_000),
    HEAD(HeadFuzz.class, HeadFuzz::fuzzerTestOneInput, 10_000);

    private final Class<?> type;
    private final Consumer<byte[]> target;
    private final int runs;

    /** @param runs in every build: a few seconds */
    Target(Class<?> type, Consumer<byte[]> target, int runs) {
        this.type = type;
        this.target = target;
        this.runs = runs;
    }

    String className() {
        return type.getName();
    }

    int runs() {
        return runs;
    }

    void run(byte[] input) {
        target.accept(input);
    }

    String fileName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The committed inputs, see {@code fuzz/README.md}. */
    List<byte[]> seeds() {
        return resource("fuzz/" + fileName() + ".txt")
                .lines()
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .map(line -> line.translateEscapes().getBytes(StandardCharsets.ISO_8859_1))
                .toList();
    }

    private static String resource(String name) {
        try (InputStream in = Target.class.getClassLoader().getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
