package dev.turnout.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.turnout.config.AccessLogTemplate.Field;
import dev.turnout.config.AccessLogTemplate.Known;
import dev.turnout.config.AccessLogTemplate.RequestField;
import dev.turnout.config.AccessLogTemplate.Text;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AccessLogTemplateTest {

    @Test
    void templateIsTextAndFieldsInTheirOrder() {
        assertThat(AccessLogTemplate.parse("a ${client} ${request.field.X-Id}$b}")
                        .parts())
                .containsExactly(
                        new Text("a "),
                        new Known(Field.CLIENT),
                        new Text(" "),
                        new RequestField("x-id"),
                        new Text("$b}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "${nobody}", "${client", "${}", "${request.field.}", "a\nb", "${client ${status}"})
    void whatCannotBeMeantIsRefused(String template) {
        assertThatThrownBy(() -> AccessLogTemplate.parse(template)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void formatWithoutItsTemplateIsAProblem() {
        assertThatThrownBy(() -> SettingsLoader.parse("turnout.access-log.format = template", Path.of("/")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("a template beside it");
    }

    @Test
    void unknownFieldIsAProblemThatNamesTheKnownOnes() {
        assertThatThrownBy(() -> SettingsLoader.parse(
                        "turnout.access-log { format = template, template = \"${nobody}\" }", Path.of("/")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("duration-ms");
    }
}
