package dev.turnout.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {

    private static final Pattern EXAMPLE = Pattern.compile("(?s)```hocon\n(.*?)```");

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    @Test
    void exampleOfTheReadmeIsGood() throws IOException {
        Matcher example = EXAMPLE.matcher(Files.readString(Path.of("..", "README.md")));
        assertThat(example.find()).isTrue();

        assertThat(check(example.group(1))).isEqualTo(ExitCode.DONE);

        assertThat(err.size()).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("the configuration is good");
    }

    @Test
    void brokenTokenFileIsFoundBeforeAStart() throws IOException {
        Files.writeString(folder.resolve("tokens"), "ci operator s3cret\n");

        assertThat(check("turnout.admin.token-file = tokens")).isEqualTo(ExitCode.FAILED);

        assertThat(err.toString(StandardCharsets.UTF_8))
                .startsWith("turnout: admin.token-file " + folder.resolve("tokens") + ":1: expected: name")
                .doesNotContain("s3cret");
    }

    private ExitCode check(String configuration) throws IOException {
        Path file = Files.writeString(folder.resolve("turnout.conf"), configuration);
        Console console = new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8));
        return Main.run(console, "check", "--config", file.toString());
    }
}
