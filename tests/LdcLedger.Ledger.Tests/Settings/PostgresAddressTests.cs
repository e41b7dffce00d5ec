using LdcLedger.Ledger.Settings;
using Npgsql;
using Xunit;

namespace LdcLedger.Ledger.Tests.Settings;

/// <summary>LDC_POSTGRES in every form that people have it in: no value is changed, and no part of one is ever said.</summary>
[Trait("Needs", "nothing")]
public sealed class PostgresAddressTests
{
    private const string Secret = "S3CRET";

    [Theory]
    // libpq's URLs.
    [InlineData("postgres://ann:s%40cret@db.example:6432/studies?sslmode=require",
        "Host=db.example;Port=6432;Database=studies;Username=ann;Password=s@cret;SSL Mode=Require")]
    [InlineData("postgresql://db.example", "Host=db.example")]
    [InlineData("postgresql://db.example/", "Host=db.example")]
    [InlineData("postgres://u:a:b%25c%C3%A9@h/d-b", "Host=h;Username=u;Password=a:b%cé;Database=d-b")]
    [InlineData("postgres://u:p?w@h/d", "Host=h;Username=u;Password=p?w;Database=d")]
    [InlineData("postgres://u%2Fx:p%3Aw@h/a%2Fb%3Fc", "Host=h;Username=u/x;Password=p:w;Database=a/b?c")]
    [InlineData("postgres://h/d?options=-c%20search_path%3Dpublic", "Host=h;Database=d;Options=-c search_path=public")]
    [InlineData("postgres://h/d?options=-c search_path=public", null)]
    [InlineData("postgres://h/d?options=-csearch_path=public", "Host=h;Database=d;Options=-csearch_path=public")]
    [InlineData("postgres://h/d?channel_binding=require", "Host=h;Database=d;Channel Binding=Require")]
    [InlineData("postgres://h/d?sslmode=verify-full&sslrootcert=/etc/my-ca.pem",
        "Host=h;Database=d;SSL Mode=VerifyFull;Root Certificate=/etc/my-ca.pem")]
    [InlineData("postgres://h/d?sslmode=require&sslrootcert=/etc/my-ca.pem",
        "Host=h;Database=d;SSL Mode=VerifyCA;Root Certificate=/etc/my-ca.pem")]
    [InlineData("postgres://h/d?sslrootcert=system", "Host=h;Database=d;SSL Mode=VerifyFull")]
    [InlineData("postgres://h/d?sslcert=/c-1.pem&sslkey=/k-1.pem&sslpassword=x-y",
        "Host=h;Database=d;SSL Certificate=/c-1.pem;SSL Key=/k-1.pem;SSL Password=x-y")]
    [InlineData("postgres://h/d?ssl=true", "Host=h;Database=d;SSL Mode=Require")]
    [InlineData("postgres://h/d?target_session_attrs=read-write", "Host=h;Database=d")]
    [InlineData("postgres://h1:1,h2,[::1]:3/d?target_session_attrs=read-write",
        "Host=h1:1,h2:5432,[::1]:3;Database=d;Target Session Attributes=read-write")]
    [InlineData("postgres://[2001:db8::1234]:6432/d", "Host=2001:db8::1234;Port=6432;Database=d")]
    [InlineData("postgresql:///d?host=/var/run/postgresql", "Host=/var/run/postgresql;Database=d")]
    [InlineData("postgresql:///d?host=/var/run/postgresql&port=5433", "Host=/var/run/postgresql;Port=5433;Database=d")]
    [InlineData("postgresql://u@%2Fvar%2Frun%2Fpostgresql/d", "Host=/var/run/postgresql;Username=u;Database=d")]
    [InlineData("postgresql://u@%2Fvar%2Frun%2Fpostgresql:5433/d", "Host=/var/run/postgresql;Port=5433;Username=u;Database=d")]
    [InlineData("postgres://h?user=u&password=a-b%26c&dbname=d&port=7", "Host=h;Port=7;Username=u;Password=a-b&c;Database=d")]
    [InlineData("postgres://h/d?application_name=my-app&connect_timeout=7", "Host=h;Database=d;Application Name=my-app;Timeout=7")]
    [InlineData("postgres://h/d?passfile=/a-b/.pgpass", "Host=h;Database=d;Passfile=/a-b/.pgpass")]
    [InlineData("postgres://h/d?keepalives=1&keepalives_idle=30",
        "Host=h;Database=d;TCP Keepalive=True;TCP Keepalive Time=30;TCP Keepalive Interval=75")]
    [InlineData("postgres://h/d?keepalives=0&keepalives_idle=30", "Host=h;Database=d")]
    [InlineData("postgres://h/d?hostaddr=10.0.0.7", null)]
    [InlineData("postgres:///d?hostaddr=10.0.0.7", "Host=10.0.0.7;Database=d")]
    [InlineData("postgres://h/d?sslmode=&application_name=", "Host=h;Database=d")]
    // With a driver of SQLAlchemy's.
    [InlineData("postgresql+psycopg2://u:s%40@h/x", "Host=h;Username=u;Password=s@;Database=x")]
    [InlineData("postgresql+asyncpg://h/x", "Host=h;Database=x")]
    // libpq's keywords and values.
    [InlineData("host=127.0.0.1 user=u password=S3CRET dbname=x", "Host=127.0.0.1;Username=u;Password=S3CRET;Database=x")]
    [InlineData(" host = h  port=6432\n dbname='my db' password='a\\'b\\\\c d' ", "Host=h;Port=6432;Database=my db;Password=\"a'b\\c d\"")]
    [InlineData("host=h password=a;b=c dbname=x", "Host=h;Password=\"a;b=c\";Database=x")]
    [InlineData("host=h1,h2 port=1,2", "Host=h1:1,h2:2")]
    [InlineData("host=h sslmode=verify-full sslrootcert=/my-ca.pem", "Host=h;SSL Mode=VerifyFull;Root Certificate=/my-ca.pem")]
    [InlineData("host='' dbname=d port=1", "Host=localhost;Port=1;Database=d")]
    // Npgsql's own.
    [InlineData("Host=db.example;Username=ann", "Host=db.example;Username=ann")]
    [InlineData("Host=db.example", "Host=db.example")]
    [InlineData("host=db.example;", "Host=db.example")]
    [InlineData("Server=h;Port=7;User Id=u;Password='a;b=c d';Database=my-db;SSL Mode=verify-full",
        "Host=h;Port=7;Username=u;Password=\"a;b=c d\";Database=my-db;SSL Mode=VerifyFull")]
    [InlineData("Host=h;Password=a b=c;Database=x", "Host=h;Password=\"a b=c\";Database=x")]
    public void Every_form_says_what_it_says(string given, string? expected)
    {
        if (expected is null)
        {
            Assert.Throws<SettingRefused>(() => PostgresAddress.Parse(given));
            return;
        }
        var (read, wanted) = (new NpgsqlConnectionStringBuilder(PostgresAddress.Parse(given).ConnectionString),
            new NpgsqlConnectionStringBuilder(expected) { });
        if (!wanted.Keys.Contains("Port") && read.Port == NpgsqlConnection.DefaultPort)
            read.Remove("Port");
        Assert.True(wanted.EquivalentTo(read), read.ConnectionString);
    }

    [Theory]
    [InlineData("postgres://u:a@S3CRET@h/d", "percent-encoded (%40, %2F, %3F, %23)")]
    [InlineData("postgres://u:a/S3CRET@h/d", "percent-encoded (%40, %2F, %3F, %23)")]
    [InlineData("postgres://u:1/S3CRET@h/d", "percent-encoded (%40, %2F, %3F, %23)")]
    [InlineData("postgres://u:S3CRET#1@h/d", "percent-encoded (%40, %2F, %3F, %23)")]
    [InlineData("postgres://u:a#S3CRET@h:1/d", "percent-encoded (%40, %2F, %3F, %23)")]
    [InlineData("postgres://u:a/b?S3CRET@h/d", "percent-encoded (%40, %2F, %3F, %23)")]
    [InlineData("postgres://u:1/b?S3CRET@h/d", "percent-encoded (%40, %2F, %3F, %23)")]
    [InlineData("postgres://u:S3CRET%zz@h/d", "(a percent sign itself is %25)")]
    [InlineData("postgres://u:S3CRET%@h/d", "(a percent sign itself is %25)")]
    [InlineData("postgres://u:S3CRET%00@h/d", "(a percent sign itself is %25)")]
    [InlineData("postgres://u:S3CRET%FF@h/d", "UTF-8")]
    [InlineData("postgres://u:S3 CRET@h/d", "percent-encoded (%20)")]
    [InlineData("postgres://u:S3CRET@h:port/d", "no port")]
    [InlineData("postgres://u:S3CRET@h:0/d", "no port")]
    [InlineData("postgres://u:S3CRET@h:65536/d", "no port")]
    [InlineData("postgres://u:S3CRET@::1/d", "IPv6 address stands in brackets")]
    [InlineData("postgres://u:S3CRET@[::1/d", "brackets")]
    [InlineData("postgres://u:S3CRET@h/d?nonsense=S3CRET", "a parameter is none that libpq knows")]
    [InlineData("postgres://u:S3CRET@h/d&password=S3CRET", "one of its values holds further settings")]
    [InlineData("postgres://u:S3CRET@h/d?sslmode=S3CRET", "sslmode is one of disable, allow, prefer, require, verify-ca, verify-full")]
    [InlineData("postgres://u:S3CRET@h/d?connect_timeout=S3CRET", "connect_timeout is a whole number of at most 1024")]
    [InlineData("postgres://u:S3CRET@h/d?sslcrl=/x", "sslcrl is not possible here")]
    [InlineData("postgres://u:S3CRET@h/d?service=S3CRET", "service is not possible here (no service file is read")]
    [InlineData("postgres://u:S3CRET@h/d?gssencmode=require", "gssencmode can only be disable or prefer here")]
    [InlineData("postgres://u:S3CRET@h1,h2/d?target_session_attrs=standby", "the ledger is written to")]
    [InlineData("postgres://u:S3CRET@h/d?sslrootcert=system&sslmode=require", "sslrootcert=system needs sslmode=verify-full")]
    [InlineData("postgres://u:S3CRET@h1:1,h2:2,h3:3/d?host=h", "3 ports for 1 hosts")]
    [InlineData("jdbc:postgresql://h:5432/d?user=u&password=S3CRET", "an address of JDBC's")]
    [InlineData("mysql://u:S3CRET@h/d", "the address of something else")]
    [InlineData("postgres:u:S3CRET@h/d", "the address of something else")]
    [InlineData("'postgres://u:S3CRET@h/d'", "stands in quotes")]
    [InlineData("S3CRET", "none of the forms")]
    [InlineData("host=h password='S3CRET", "its host holds a character that no host has")]
    [InlineData("host=h pasword=S3CRET", "its host holds a character that no host has")]
    [InlineData("Host=db Username=u Password=S3CRET Database=x", "its host holds a character that no host has")]
    [InlineData("Host=h;Database=d Password=S3CRET", "one of its values holds further settings")]
    [InlineData("Host=postgres://u:S3CRET@h/d", "its host holds a character that no host has")]
    [InlineData("Host=h;Database=postgres://u:S3CRET@h/d", "one of its values holds further settings")]
    [InlineData("host=h dbname=postgres://u:S3CRET@h/d", "one of its values holds further settings")]
    [InlineData("host=h,password=S3CRET", "its host holds a character that no host has")]
    [InlineData("Hst=db;Password=S3CRET", "key 1 is none of Npgsql's")]
    [InlineData("Host=h;Password=a;S3CRET=b", "key 3 is none of Npgsql's")]
    [InlineData("host=a;user=b;password=S3CRET;dbname=x", "between semicolons user is called Username")]
    [InlineData("Host=h;Port=S3CRET", "its port is no value that Npgsql takes")]
    [InlineData("Username=u;Password=S3CRET", "it names no host")]
    public void What_cannot_be_read_is_said_in_one_sentence_without_any_part_of_it(string given, string why)
    {
        var refused = Assert.Throws<SettingRefused>(() => PostgresAddress.Parse(given));
        Assert.StartsWith("LDC_POSTGRES cannot be read: ", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith($"; it is {PostgresAddress.Forms}.", refused.Message, StringComparison.Ordinal);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.DoesNotContain(Secret, refused.ToString(), StringComparison.Ordinal);   // nor in its causes
        Assert.Null(refused.InnerException);
    }

    [Fact]
    public void What_has_no_effect_here_is_known_by_its_name()
    {
        var address = PostgresAddress.Parse("postgres://h/d?keepalives_count=3&tcp_user_timeout=1000&gssencmode=disable&sslmode=prefer");
        Assert.Equal(["keepalives_count", "tcp_user_timeout", "gssencmode"], address.Unused);
    }

    [Theory]
    [InlineData("postgres://u:S3CRET@h:7/d", "PostgreSQL at h:7")]
    [InlineData("postgres://u:S3CRET@h1:7,h2/d", "PostgreSQL at h1:7,h2:5432")]
    [InlineData("host=/run/pg user=u password=S3CRET", "PostgreSQL at /run/pg:5432")]
    public void It_is_shown_by_server_and_port(string given, string shown) => Assert.Equal(shown, $"{PostgresAddress.Parse(given)}");

    [Fact]
    public void A_thousand_texts_that_are_almost_addresses_are_read_or_refused_without_being_quoted()
    {
        string[] models =
        [
            "postgres://ann:S3CRET@db.example:6432/studies?sslmode=require&options=-c%20a%3Db", "postgresql://u:S3CRET@[::1]:1,h:2/d",
            "host=h user=u password='S3CRET' dbname=x", "Host=h;Username=u;Password=S3CRET;Database=x",
            "jdbc:postgresql://h/?password=S3CRET",
        ];
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            var text = AlmostTexts.Of(models, random);
            try
            {
                Assert.NotEmpty(PostgresAddress.Parse(text).ConnectionString);
            }
            catch (SettingRefused refused)
            {
                Assert.DoesNotContain("S3CRET", refused.ToString(), StringComparison.Ordinal);
            }
        }
    }
}
