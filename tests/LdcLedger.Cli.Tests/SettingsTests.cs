using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>What is wrong with the servers that the environment names is said in one sentence, and never with a password.</summary>
public sealed class SettingsTests
{
    private const string Somewhere = "Host=127.0.0.1;Port=1;Username=u;Password=s3cret;Database=d";

    [Theory]
    [InlineData(2, "study list", "Hst=db;Password=s3cret", "", "LDC_POSTGRES cannot be read: ")]
    [InlineData(2, "study list", "postgres://u:s3cret@:port:/d", "", "LDC_POSTGRES cannot be read: ")]
    [InlineData(2, "run list", "jdbc:postgresql://h/d?user=u&password=s3cret", "", "without jdbc:")]
    [InlineData(2, "study show x", "postgres://u:a/s3cret@h/d", "", "has to be percent-encoded")]
    [InlineData(1, "study list", "host=127.0.0.1 port=1 user=u password=s3cret dbname=d", "",
        "PostgreSQL at 127.0.0.1:1 cannot be reached (Connection refused): check host and port in LDC_POSTGRES")]
    [InlineData(1, "workers", "postgresql+psycopg2://u:s3cret@127.0.0.1:1/d?sslmode=require", "",
        "PostgreSQL at 127.0.0.1:1 cannot be reached (Connection refused): check host and port in LDC_POSTGRES")]
    [InlineData(1, "bench ledger", Somewhere, "", "PostgreSQL at 127.0.0.1:1 cannot be reached")]
    [InlineData(2, "serve", Somewhere, "", "needs LDC_RABBITMQ")]
    [InlineData(2, "serve", Somewhere, "http://u:s3cret@broker", "LDC_RABBITMQ cannot be read: ")]
    [InlineData(1, "serve", Somewhere, "amqp://u:s3cret@127.0.0.1:1/v",
        "RabbitMQ at 127.0.0.1:1 cannot be reached (Connection refused): check host and port in LDC_RABBITMQ")]
    [InlineData(1, "worker", Somewhere, "amqp://u:s3cret@127.0.0.1:1/v", "RabbitMQ at 127.0.0.1:1 cannot be reached")]
    public async Task A_server_that_cannot_be_used_is_one_sentence_without_a_password(
        int code, string verb, string postgres, string rabbitMq, string message)
    {
        using var folder = new Folder();
        var settings = new Dictionary<string, string>
        {
            ["LDC_POSTGRES"] = postgres, ["LDC_RABBITMQ"] = rabbitMq, ["LDC_DATA"] = folder["data"],
            ["PGPASSWORD"] = "s3cret", ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://s3cret@127.0.0.1:1",
            ["OTEL_EXPORTER_OTLP_HEADERS"] = "authorization=s3cret",
        };
        // What --verbose adds is for a report of a bug, and leaves out as much.
        foreach (var more in (string[][])[[], ["--verbose"]])
        {
            var call = await Ldc.RunIn(folder.Path, settings, [.. verb.Split(' '), .. more]);

            Assert.Equal(code, call.Code);
            Assert.Contains(message, call.Err, StringComparison.Ordinal);
            Assert.True(more.Length > 0 || call.Err.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length == 1, call.Err);
            Assert.DoesNotContain("s3cret", call.Err, StringComparison.Ordinal);
            Assert.Empty(call.Out);
        }
    }

    [Fact]
    public async Task Doctor_names_what_each_setting_lacks_and_goes_on()
    {
        using var folder = new Folder();
        var settings = new Dictionary<string, string>
        {
            ["LDC_POSTGRES"] = "postgres://u:a@s3cret@h/d", ["LDC_RABBITMQ"] = "", ["LDC_RABBITMQ_FILE"] = folder.Path,
            ["LDC_DATA"] = "~/s3cret-not",
        };
        var call = await Ldc.RunIn(folder.Path, settings, "doctor");

        Assert.Equal(1, call.Code);
        Assert.Contains("TO DO  PostgreSQL: LDC_POSTGRES cannot be read: an @, /, ? or # within a user name", call.Out,
            StringComparison.Ordinal);
        Assert.Contains($"TO DO  RabbitMQ: LDC_RABBITMQ_FILE names {folder.Path}, which is a folder", call.Out, StringComparison.Ordinal);
        Assert.Contains("TO DO  data folder: LDC_DATA is '~/s3cret-not', and only a shell knows", call.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("@s3cret", call.Out + call.Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "s3cret")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "s3cret")]
    public async Task A_variable_of_OpenTelemetry_that_cannot_be_read_is_named_without_its_value(string variable, string value)
    {
        using var folder = new Folder();
        var settings = new Dictionary<string, string>
        {
            ["LDC_POSTGRES"] = Somewhere, ["LDC_RABBITMQ"] = "amqp://127.0.0.1:1/v", ["LDC_DATA"] = folder["data"],
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1", [variable] = value,
        };
        var call = await Ldc.RunIn(folder.Path, settings, "study", "submit", folder["study.yaml"], "--verbose");

        Assert.Equal(2, call.Code);
        Assert.Contains($"{variable} cannot be read", call.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", call.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_whose_file_is_not_there_is_named_by_its_file()
    {
        using var folder = new Folder();
        var settings = new Dictionary<string, string>
        {
            ["LDC_POSTGRES"] = "", ["LDC_POSTGRES_FILE"] = folder["missing"], ["LDC_DATA"] = folder["data"],
        };
        var call = await Ldc.RunIn(folder.Path, settings, "study", "list");

        Assert.Equal(2, call.Code);
        Assert.Contains($"LDC_POSTGRES_FILE names {folder["missing"]}, which cannot be read", call.Err, StringComparison.Ordinal);
    }
}
