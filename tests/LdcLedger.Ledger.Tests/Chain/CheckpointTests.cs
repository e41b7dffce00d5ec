using System.Security.Cryptography;
using LdcLedger.Ledger.Chain;
using Xunit;

namespace LdcLedger.Ledger.Tests.Chain;

[Trait("Needs", "nothing")]
public sealed class CheckpointTests
{
    private static readonly Guid Ledger = new("2f1f3c52-6d3b-4b0e-9a51-0d7a6f3f2c11");
    private static readonly string Root = Convert.ToHexStringLower(
        Convert.FromBase64String("rqt2SScLT3CxtQ+7Xlk3O/nCZg4l/lsOE1kTgh3R9rA="));

    // Signed with `openssl dgst -sha256 -sign`, the key's id taken by `openssl ec -pubin -outform DER | openssl dgst -sha256`.
    private const string SignedByOpenssl =
        "ldcledger/2f1f3c52-6d3b-4b0e-9a51-0d7a6f3f2c11\n3\nrqt2SScLT3CxtQ+7Xlk3O/nCZg4l/lsOE1kTgh3R9rA=\n\n"
        + "— ldcledger/2f1f3c52-6d3b-4b0e-9a51-0d7a6f3f2c11 "
        + "3LZKqDBFAiEAlfh7eqVo6tJUvGyVvUJ6ZecRhezHOM8wdcXPBoBU1toCIEm78/X3OCGDiQWeXuWmu7+5W0+Z+YmYITw2V5pU3ARq\n";

    private const string PublicKeyOfOpenssl = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYPISEHJBPtQPsbuTlrTyifXmDHBr
        aE/2Sl05ma0usCFmH+3DctnZ6yz4k69NmrhpMJnxJL2w8Cr1yLtoOGZwLA==
        -----END PUBLIC KEY-----
        """;

    [Fact]
    public void A_checkpoint_that_openssl_signed_is_one_of_ours()
    {
        var checkpoint = Checkpoint.Parse(SignedByOpenssl);
        var key = Assert.Single(PublicSealKey.AllIn(PublicKeyOfOpenssl));

        Assert.Equal((Checkpoint.OriginOf(Ledger), 3, Root), (checkpoint.Origin, checkpoint.Size, checkpoint.Root));
        Assert.Equal("dcb64aa8", key.Name);
        Assert.Equal(SignatureState.Good, checkpoint.By([key]));
        Assert.Equal(Checkpoint.Of(Ledger, 3, Root).Text, checkpoint.Text);
        Assert.Equal(SignedByOpenssl, checkpoint.ToString());
    }

    [Fact]
    public void What_a_key_signs_is_good_by_it_and_foreign_to_others_and_broken_when_the_text_is_changed()
    {
        using var key = SealKey.Create();
        using var other = SealKey.Create();
        var note = Checkpoint.Of(Ledger, 3, Root).SignedBy(key).ToString();

        Assert.Equal(SignatureState.Good, Checkpoint.Parse(note).By([other.Public, key.Public]));
        Assert.Equal(SignatureState.Foreign, Checkpoint.Parse(note).By([other.Public]));
        Assert.Equal(SignatureState.Foreign, Checkpoint.Parse(note).By([]));
        Assert.Equal(SignatureState.Broken, Checkpoint.Parse(note.Replace("\n3\n", "\n4\n", StringComparison.Ordinal)).By([key.Public]));
        // The name belongs to the key: a signature under another ledger's name is another ledger's.
        Assert.Equal(SignatureState.Foreign,
            Checkpoint.Parse(note.Replace("— ldcledger/2", "— ldcledger/3", StringComparison.Ordinal)).By([key.Public]));
        // Somebody else's signature beside ours, a witness's for instance, is passed over.
        Assert.Equal(SignatureState.Good, Checkpoint.Parse(note + "— witness.example AAAAAAAA\n").By([key.Public]));
        Assert.Equal(SignatureState.Good, Checkpoint.Parse(note).SignedBy(other).By([other.Public]));
    }

    [Theory]
    [InlineData("", "the blank line before the signatures is missing")]
    [InlineData("ldcledger/x\n3\n", "the blank line before the signatures is missing")]
    [InlineData("ldcledger/x\n3\n\n— a AAAAAAAA\n", "it needs three lines")]
    [InlineData("ldcledger/x\nthree\nAAAA\n\n— a AAAAAAAA\n", "its second line, 'three', is not a number of events")]
    [InlineData("ldcledger/x\n03\nAAAA\n\n— a AAAAAAAA\n", "its second line, '03', is not a number of events")]
    [InlineData("ldcledger/x\n3\nAAAA\n\n— a AAAAAAAA\n", "its third line, 'AAAA', is not a SHA-256 in base64")]
    [InlineData("ldcledger/x\n3\nrqt2SScLT3CxtQ+7Xlk3O/nCZg4l/lsOE1kTgh3R9rA=\n\n", "it ends in the middle of its signatures")]
    [InlineData("ldcledger/x\n3\nrqt2SScLT3CxtQ+7Xlk3O/nCZg4l/lsOE1kTgh3R9rA=\n\n— a AAAAAAAA", "it ends in the middle of its signatures")]
    [InlineData("ldcledger/x\n3\nrqt2SScLT3CxtQ+7Xlk3O/nCZg4l/lsOE1kTgh3R9rA=\n\n— a AAA\n", "'— a AAA' is not a signature")]
    [InlineData("ldcledger/x\r\n3\n", "control characters")]
    public void What_is_no_checkpoint_is_said_not_to_be_one(string note, string why) =>
        Assert.Contains(why, Assert.Throws<FormatException>(() => Checkpoint.Parse(note)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_key_is_read_from_what_it_wrote_and_its_public_half_from_either()
    {
        using var key = SealKey.Create();
        using var again = SealKey.FromPem(key.ToPem());
        Assert.Equal(key.Public, again.Public);
        Assert.Equal([key.Public], PublicSealKey.AllIn(key.ToPem()));
        using var other = SealKey.Create();
        Assert.Equal([key.Public, other.Public], PublicSealKey.AllIn("ours:\n" + key.Public.ToPem() + other.Public.ToPem()));
    }

    [Fact]
    public void What_is_no_key_is_said_not_to_be_one()
    {
        using var rsa = RSA.Create(2_048);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var key = SealKey.Create();
        foreach (var pem in new[]
        {
            "", "no key at all", rsa.ExportPkcs8PrivateKeyPem(), p384.ExportPkcs8PrivateKeyPem(), p384.ExportSubjectPublicKeyInfoPem(),
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        })
        {
            Assert.Throws<FormatException>(() => PublicSealKey.AllIn(pem));
            Assert.Throws<FormatException>(() => SealKey.FromPem(pem));
        }
        Assert.Contains(
            "no private key", Assert.Throws<FormatException>(() => SealKey.FromPem(key.Public.ToPem())).Message, StringComparison.Ordinal);
    }
}
