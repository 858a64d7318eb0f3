package dev.turnout.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnout.config.Colour;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CommandLineTest {

    @Test
    void optionsMayStandBeforeAndAfterTheColourWithBlankOrEqualsSign() throws UsageException {
        CommandLine line = CommandLine.parse("switch", "--reason", "2.4.1", "green", "--wait=drained", "--dry-run");

        assertThat(line.command()).isEqualTo(Command.SWITCH);
        assertThat(line.colour()).contains(Colour.GREEN);
        assertThat(line.value(Option.REASON)).contains("2.4.1");
        assertThat(line.value(Option.WAIT)).contains("drained");
        assertThat(line.has(Option.DRY_RUN)).isTrue();
        assertThat(line.has(Option.FORCE)).isFalse();
    }

    @Test
    void colourOfASwitchMayBeLeftOut() throws UsageException {
        assertThat(CommandLine.parse("switch").colour()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            flip                        | unknown command flip
            switch purple               | unknown colour purple (expected: blue or green)
            switch BLUE                 | unknown colour BLUE (expected: blue or green)
            switch blue green           | unexpected argument green
            status blue                 | unexpected argument blue
            drain                       | which pool? blue or green
            backends                    | which pool? blue or green
            backends blue 10.0.0.1:80   | unexpected argument 10.0.0.1:80
            drain 10.0.0.1:80           | unknown colour 10.0.0.1:80 (expected: blue or green)
            drain blue a:1 b:1          | unexpected argument b:1
            status --colour             | unknown option --colour
            status --force              | unknown option --force
            status -j                   | unknown option -j
            status -json                | unknown option -json
            status --admin              | --admin URL: the value is missing
            status --json --json        | --json is given twice
            switch --force=yes          | --force takes no value
            """)
    void whatIsNotUnderstoodIsSaidAndNotGuessed(String arguments, String message) {
        assertThatThrownBy(() -> CommandLine.parse(arguments.split(" ")))
                .isInstanceOf(UsageException.class)
                .hasMessage(message);
    }

    @Test
    void noCommandAtAllShowsTheMenu() {
        assertThatThrownBy(CommandLine::parse).isInstanceOfSatisfying(UsageException.class, e -> assertThat(e.usage())
                .contains("rollback"));
    }

    @ParameterizedTest
    @CsvSource({"0", "65535", "8080"})
    void portInRangeIsTaken(int port) throws UsageException {
        CommandLine line = CommandLine.parse("demo", "--port", Integer.toString(port));

        assertThat(line.number(Option.PORT, 1, 0, 65_535)).isEqualTo(port);
    }

    @ParameterizedTest
    @CsvSource({"-1", "65536", "99999999999", "http", "''"})
    void portOutOfRangeIsRefused(String port) throws UsageException {
        CommandLine line = CommandLine.parse("demo", "--port=" + port);

        assertThatThrownBy(() -> line.number(Option.PORT, 8080, 0, 65_535))
                .isInstanceOf(UsageException.class)
                .hasMessage("--port PORT: " + port + " (expected: 0..65535)");
    }

    @ParameterizedTest
    @CsvSource({"500ms, PT0.5S", "30s, PT30S", "5m, PT5M", "1h, PT1H"})
    void timeHasAUnit(String text, Duration duration) throws UsageException {
        CommandLine line = CommandLine.parse("rollback", "--timeout", text);

        assertThat(line.duration(Option.TIMEOUT, Duration.ZERO)).isEqualTo(duration);
    }

    @Test
    void timeWithoutUnitIsRefused() throws UsageException {
        CommandLine line = CommandLine.parse("rollback", "--timeout", "30");

        assertThatThrownBy(() -> line.duration(Option.TIMEOUT, Duration.ZERO)).hasMessageContaining("such as 30s");
    }

    @ParameterizedTest
    @EnumSource(Command.class)
    void everyCommandIsFoundByItsWordAndExplainsItself(Command command) throws UsageException {
        CommandLine line = CommandLine.parse(command.word(), "--help");

        assertThat(line.command()).isEqualTo(command);
        assertThat(line.help()).isTrue();
        assertThat(command.usage()).startsWith("turnout " + command.word());
    }
}
