using Xunit;

namespace LdcLedger.Cli.Tests;

/// <summary>What is wrong with the servers that the environment names is said in one sentence, and never with a password.</summary>
public sealed class SettingsTests
{
    private const string Somewhere = "Host=127.0.0.1;Port=1;Username=u;Password=s3cret;Database=d";

    [Theory]
    [InlineData(2, "study list", "Hst=db;Password=s3cret", "", "LDC_POSTGRES cannot be read: ")]
    [InlineData(2, "study list", "postgres://u:s3cret@:port:/d", "", "LDC_POSTGRES cannot be read: ")]
    [InlineData(1, "study list", Somewhere, "",
        "PostgreSQL at 127.0.0.1:1 cannot be reached (Connection refused): check host and port in LDC_POSTGRES")]
    [InlineData(1, "bench ledger", Somewhere, "", "PostgreSQL at 127.0.0.1:1 cannot be reached")]
    [InlineData(2, "serve", Somewhere, "", "needs LDC_RABBITMQ")]
    [InlineData(2, "serve", Somewhere, "http://u:s3cret@broker", "LDC_RABBITMQ cannot be read; it is amqp://")]
    [InlineData(1, "serve", Somewhere, "amqp://u:s3cret@127.0.0.1:1/v",
        "RabbitMQ at 127.0.0.1:1 cannot be reached (Connection refused): check host and port in LDC_RABBITMQ")]
    [InlineData(1, "worker", Somewhere, "amqp://u:s3cret@127.0.0.1:1/v", "RabbitMQ at 127.0.0.1:1 cannot be reached")]
    public async Task A_server_that_cannot_be_used_is_one_sentence_without_a_password(
        int code, string verb, string postgres, string rabbitMq, string message)
    {
        using var folder = new Folder();
        var call = await Ldc.RunIn(
            folder.Path,
            new Dictionary<string, string> { ["LDC_POSTGRES"] = postgres, ["LDC_RABBITMQ"] = rabbitMq, ["LDC_DATA"] = folder["data"] },
            verb.Split(' '));

        Assert.Equal(code, call.Code);
        Assert.Contains(message, call.Err, StringComparison.Ordinal);
        Assert.Single(call.Err.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("s3cret", call.Err, StringComparison.Ordinal);
        Assert.Empty(call.Out);
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
