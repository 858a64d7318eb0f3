package dev.turnout.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where settings come from: files, included files, the environment; and what of it may be printed. */
class SettingsSourceTest {

    @TempDir
    Path base;

    @Test
    void syntaxIsToldWithItsLine() {
        assertThat(problems("turnout {\n  workers = 4\n"))
                .containsExactly("configuration:3: Expecting a key or a closing }, not: end of file");
        assertThat(problems("turnout {\n  workers = ${NO_SUCH_THING}\n}"))
                .containsExactly("configuration:2: Could not resolve substitution to a value: ${NO_SUCH_THING}");
        assertThat(problems("turnout {\n  workers == 4\n}"))
                .containsExactly("configuration:2: Expecting a value but got wrong token: '='");
    }

    @Test
    void fileIsNamedAsTheOperatorNamedIt() throws IOException {
        Path file = Files.writeString(base.resolve("turnout.conf"), "\ninclude \"more.conf\"\nturnout.workers = -1\n");
        Path included = Files.writeString(base.resolve("more.conf"), "turnout.active = red\n");

        assertThat(problemsOf(file))
                .containsExactly(
                        included + ":1: turnout.active: red (expected: blue | green)",
                        file + ":3: turnout.workers: -1 (expected: 0..256)");
        Files.writeString(file, "turnout {");
        assertThat(problemsOf(file)).containsExactly(file + ":1: Expecting a key or a closing }, not: end of file");
    }

    @Test
    void fileThatCannotBeReadIsTold() {
        Path missing = base.resolve("missing.conf");

        assertThat(problemsOf(missing)).containsExactly(missing + ": no such file");
        assertThat(problemsOf(base)).containsExactly(base + ": not a file that can be read");
    }

    @Test
    void valuesCannotBreakTheLineNorFloodIt() {
        assertThat(problems("turnout.active = \"a\\nb\\u001b[31m\\u202e\""))
                .containsExactly(
                        "configuration:1: turnout.active: a\\u000ab\\u001b[31m\\u202e (expected: blue | green)");
        assertThat(problems("turnout.active = " + "x".repeat(1000)))
                .containsExactly(
                        "configuration:1: turnout.active: " + "x".repeat(100) + "... (expected: blue | green)");
    }

    @Test
    void whatIsInTheEnvironmentIsNeverPrinted() {
        assertThat(problems("""
                        turnout {
                          workers = 2
                          workers = ${?PATH}
                          pools.blue.backends = [
                            "a:1"
                            ${?PATH}
                          ]
                          active = "x"${?PATH}
                          listeners = [] ${?PATH}
                        }
                        """)).allSatisfy(line -> assertThat(line).doesNotContain(System.getenv("PATH")));
        assertThat(problems("\nturnout.workers = ${?PATH}"))
                .containsExactly("configuration:2: turnout.workers: value from the environment (expected: 0..256)");
    }

    private List<String> problems(String hocon) {
        return lines(() -> SettingsLoader.parse(hocon, base));
    }

    private static List<String> problemsOf(Path file) {
        return lines(() -> SettingsLoader.load(file));
    }

    private static List<String> lines(ThrowingCallable load) {
        SettingsException thrown = catchThrowableOfType(SettingsException.class, load);
        return thrown.problems().stream().map(Problem::toString).toList();
    }
}
