using System.Runtime.InteropServices;
using LdcLedger.Ledger.Settings;
using Npgsql;
using Xunit;

namespace LdcLedger.Ledger.Tests.Settings;

/// <summary>What we read from a URL or from keywords is what libpq itself reads, where this machine has it.</summary>
[Trait("Needs", "nothing")]
public sealed class LibpqAgrees
{
    private static readonly nint Libpq = NativeLibrary.TryLoad("libpq.so.5", out var library) ? library : 0;

    [Theory]
    [InlineData("postgres://ann:s%40cret@db.example:6432/studies?sslmode=require")]
    [InlineData("postgresql://u:a:b%25c%C3%A9@h/d-b")]
    [InlineData("postgres://u:p?w@h/d?options=-c%20search_path%3Dpublic&application_name=a-b")]
    [InlineData("postgres://u%2Fx:p%3Aw+%20@h/a%2Fb%3Fc")]
    [InlineData("postgres://u:@h:7")]
    [InlineData("postgres://h1:1,h2:2/d?target_session_attrs=read-write")]
    [InlineData("postgres://[2001:db8::1234]:6432/d?connect_timeout=10")]
    [InlineData("postgresql:///d?host=/var/run/postgresql&port=5433&user=u")]
    [InlineData("postgresql://u@%2Fvar%2Frun%2Fpostgresql:5433/d")]
    [InlineData("postgres://h/d?sslrootcert=/my-ca.pem&sslcert=/a-b&sslkey=/c-d&channel_binding=require&passfile=/e-f")]
    [InlineData("postgres://u:p@h?user=v&password=q")]
    [InlineData("host=h user='a user' password=pa\\'ss\\\\ dbname = x port= 7")]
    [InlineData("host='h'user=u password=''")]
    public void On_what_a_text_says(string text)
    {
        Assert.SkipWhen(Libpq == 0, "libpq is not installed here.");
        var theirs = Parse(text);
        var ours = new NpgsqlConnectionStringBuilder(PostgresAddress.Parse(text).ConnectionString);
        var hosts = theirs["host"]!.Split(',');
        Assert.Equal(hosts.Length == 1 ? theirs["host"] : string.Join(',', hosts.Zip(theirs["port"]!.Split(','), (h, p) => $"{h}:{p}")),
            ours.Host);
        if (hosts.Length == 1)
            Assert.Equal(theirs["port"] ?? "5432", $"{ours.Port}");
        Assert.Equal(theirs["user"], ours.Username);
        Assert.Equal(theirs["password"] is "" ? null : theirs["password"], ours.Password);
        Assert.Equal(theirs["dbname"], ours.Database);
        Assert.Equal(theirs["options"], ours.Options);
        Assert.Equal(theirs["application_name"], ours.ApplicationName);
        Assert.Equal(theirs["sslrootcert"], ours.RootCertificate);
        Assert.Equal(theirs["sslcert"], ours.SslCertificate);
        Assert.Equal(theirs["sslkey"], ours.SslKey);
        Assert.Equal(theirs["passfile"], ours.Passfile);
    }

    private static unsafe Dictionary<string, string?> Parse(string text)
    {
        var parse = (delegate* unmanaged<nint, nint*, nint>)NativeLibrary.GetExport(Libpq, "PQconninfoParse");
        var free = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(Libpq, "PQconninfoFree");
        var given = Marshal.StringToCoTaskMemUTF8(text);
        nint error = 0;
        var options = parse(given, &error);
        Marshal.FreeCoTaskMem(given);
        Assert.True(options != 0, Marshal.PtrToStringUTF8(error));
        // Of seven fields: keyword, envvar, compiled, val, label, dispchar (pointers) and dispsize (int, padded).
        var read = new Dictionary<string, string?>();
        for (var option = (nint*)options; option[0] != 0; option += 7)
            read[Marshal.PtrToStringUTF8(option[0])!] = Marshal.PtrToStringUTF8(option[3]);
        free(options);
        return read;
    }
}
