using LdcLedger.Ledger.Broker;
using LdcLedger.Ledger.Settings;
using Xunit;

namespace LdcLedger.Ledger.Tests.Settings;

[Trait("Needs", "nothing")]
public sealed class BrokerAddressTests
{
    [Theory]
    [InlineData("amqp://u:p@h:7/v", "h", 7, "u", "p", "v", false)]
    [InlineData("amqp://h", "h", 5672, "guest", "guest", "/", false)]
    [InlineData("amqps://h/", "h", 5671, "guest", "guest", "/", true)]
    [InlineData("AMQP://guest:guest@h:5672//", "h", 5672, "guest", "guest", "/", false)]
    [InlineData("amqp://u:p%40%2F%23-x@h/%2Fstudies%20x", "h", 5672, "u", "p@/#-x", "/studies x", false)]
    [InlineData("amqp://u:p@h/%2f?heartbeat=10&connection_timeout=5000", "h", 5672, "u", "p", "/", false)]
    [InlineData("amqps://u:a:b@[::1]:7/v?verify=verify_peer", "::1", 7, "u", "a:b", "v", true)]
    [InlineData("amqp://u:@h/v", "h", 5672, "u", "", "v", false)]
    public void A_URL_says_what_it_says(string text, string host, int port, string user, string password, string vhost, bool encrypted)
    {
        var read = BrokerAddress.Parse($" {text}\n");
        Assert.Equal((host, port, user, password, vhost, encrypted),
            (read.Host, read.Port, read.User, read.Password, read.Vhost, read.IsEncrypted));
        var factory = read.Factory();
        Assert.Equal((host, port, user, password, vhost, encrypted),
            (factory.HostName, factory.Port, factory.UserName, factory.Password, factory.VirtualHost, factory.Ssl.Enabled));
    }

    [Fact]
    public void A_thousand_texts_that_are_almost_addresses_are_read_or_refused_without_being_quoted()
    {
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            var text = AlmostTexts.Of(["amqp://ann:S3CRET@broker:5672/v%2F1?heartbeat=10", "amqps://u:S3CRET@[::1]/"], random);
            try
            {
                Assert.NotEmpty(BrokerAddress.Parse(text).Host);
            }
            catch (SettingRefused refused)
            {
                Assert.DoesNotContain("S3CRET", refused.ToString(), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("http://u:S3CRET@broker", "neither amqp:// nor amqps://")]
    [InlineData("rabbitmq://u:S3CRET@broker", "neither amqp:// nor amqps://")]
    [InlineData("u:S3CRET@broker", "neither amqp:// nor amqps://")]
    [InlineData("\"amqp://u:S3CRET@h\"", "stands in quotes")]
    [InlineData("amqp://u:a@S3CRET@h/v", "percent-encoded (%40, %2F, %3F, %23)")]
    [InlineData("amqp://u:a/S3CRET@h/v", "percent-encoded (%40, %2F, %3F, %23)")]
    [InlineData("amqp://u:a#S3CRET@h/v", "percent-encoded (%40, %2F, %3F, %23)")]
    [InlineData("amqp://u:S3CRET%@h/v", "a percent sign itself is %25")]
    [InlineData("amqp://u:S3CRET@h/a/b", "its vhost holds a slash that is not percent-encoded (%2F)")]
    [InlineData("amqp://u:S3CRET@/v", "it names no host")]
    [InlineData("amqp://u:S3CRET@h1,h2/v", "several hosts")]
    [InlineData("amqp://u:S3CRET@h:x/v", "no port")]
    [InlineData("amqps://u:S3CRET@h/v?verify=verify_none", "verify is not possible here")]
    [InlineData("amqps://u:S3CRET@h/v?cacertfile=/S3CRET", "cacertfile is not possible here")]
    [InlineData("amqp://u:S3CRET@h/v?S3CRET=1", "parameter 1 is none that RabbitMQ knows")]
    public void What_cannot_be_read_is_said_in_one_sentence_without_any_part_of_it(string text, string why)
    {
        var refused = Assert.Throws<SettingRefused>(() => BrokerAddress.Parse(text));
        Assert.StartsWith("LDC_RABBITMQ cannot be read: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("S3CRET", refused.ToString(), StringComparison.Ordinal);
    }
}
