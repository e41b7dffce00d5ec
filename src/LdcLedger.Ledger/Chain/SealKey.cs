using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LdcLedger.Ledger.Chain;

/// <summary>The key that signs a ledger's seals: ECDSA over P-256 with SHA-256, signatures in DER.</summary>
public sealed class SealKey : IDisposable
{
    private readonly ECDsa _key;

    private SealKey(ECDsa key) => (_key, Public) = (key, new(key.ExportSubjectPublicKeyInfo()));

    public PublicSealKey Public { get; }

    public static SealKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <exception cref="FormatException">It is none; the message says what is wrong, as the end of a sentence.</exception>
    public static SealKey FromPem(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            PublicSealKey.MustBeP256(key);
            _ = key.SignHash(new byte[32]);   // a public key reads as well
            return new(key);
        }
        catch (Exception cause) when (cause is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new FormatException("it holds no private key: PEM with an ECDSA key over P-256, unencrypted, is needed", cause);
        }
        catch (FormatException)
        {
            key.Dispose();
            throw;
        }
    }

    public byte[] Sign(string text) =>
        _key.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    /// <summary>PKCS #8.</summary>
    public string ToPem() => _key.ExportPkcs8PrivateKeyPem() + "\n";

    public void Dispose() => _key.Dispose();
}

/// <summary>What verifies signatures of a <see cref="SealKey"/>.</summary>
/// <param name="Spki">Its SubjectPublicKeyInfo in DER.</param>
public sealed record PublicSealKey(byte[] Spki)
{
    /// <summary>The first 4 bytes of the SHA-256 of the SubjectPublicKeyInfo, as signed notes have it for ECDSA.</summary>
    public uint Id { get; } = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Spki));

    /// <summary>Eight hexadecimal digits.</summary>
    public string Name => NameOf(Id);

    public static string NameOf(uint id) => id.ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>Whether this key has signed the text.</summary>
    public bool Verifies(string text, byte[] signature)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Spki, out _);
        try
        {
            return key.VerifyData(Encoding.UTF8.GetBytes(text), signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;   // not even the form of a signature
        }
    }

    public string ToPem() => new(PemEncoding.Write("PUBLIC KEY", Spki).Append('\n').ToArray());

    /// <summary>
    /// Every key of a file: public ones, or the public half of private ones. A key that was changed stands beside its successor.
    /// </summary>
    /// <exception cref="FormatException">There is none; the message says what is wrong, as the end of a sentence.</exception>
    public static IReadOnlyList<PublicSealKey> AllIn(string pem)
    {
        List<PublicSealKey> keys = [];
        for (var rest = pem; PemEncoding.TryFind(rest, out var found); rest = rest[found.Location.End..])
        {
            using var key = ECDsa.Create();
            try
            {
                key.ImportFromPem(rest[found.Location]);
            }
            catch (Exception cause) when (cause is ArgumentException or CryptographicException)
            {
                throw new FormatException($"its {rest[found.Label]} is no key: PEM with ECDSA keys over P-256 is needed", cause);
            }
            MustBeP256(key);
            keys.Add(new(key.ExportSubjectPublicKeyInfo()));
        }
        return keys.Count > 0 ? keys : throw new FormatException("it holds no key: PEM with ECDSA keys over P-256 is needed");
    }

    public bool Equals(PublicSealKey? other) => other is not null && Spki.AsSpan().SequenceEqual(other.Spki);

    public override int GetHashCode() => (int)Id;

    internal static void MustBeP256(ECDsa key)
    {
        if (key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value is not "1.2.840.10045.3.1.7")
            throw new FormatException("its key is not over the curve P-256");
    }
}

/// <summary>What a checkpoint's signatures say.</summary>
public enum SignatureState
{
    /// <summary>One of the keys has signed it, under the name of its origin.</summary>
    Good,

    /// <summary>It has a signature that claims to be one of the keys', and is not over this text.</summary>
    Broken,

    /// <summary>None of the keys has signed it.</summary>
    Foreign,
}

public static class Signatures
{
    /// <summary>Judges a checkpoint by the keys that are trusted.</summary>
    public static SignatureState By(this Checkpoint checkpoint, IReadOnlyList<PublicSealKey> keys)
    {
        var state = SignatureState.Foreign;
        foreach (var signature in checkpoint.Signatures.Where(s => s.Name == checkpoint.Origin))
            foreach (var key in keys.Where(k => k.Id == signature.KeyId))
            {
                if (key.Verifies(checkpoint.Text, signature.Signature))
                    return SignatureState.Good;
                state = SignatureState.Broken;
            }
        return state;
    }
}
