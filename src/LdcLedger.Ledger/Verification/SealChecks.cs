using System.Globalization;
using LdcLedger.Domain.Identity;
using LdcLedger.Ledger.Chain;

namespace LdcLedger.Ledger.Verification;

/// <summary>Up to where a ledger is sealed, by its newest seal.</summary>
/// <param name="Position">Number of events under it.</param>
/// <param name="Seals">How many seals there are.</param>
/// <param name="KeyId">Whose signature it has.</param>
/// <param name="AreSignaturesJudged">Without a key they cannot be.</param>
public sealed record SealedPart(long Position, string Root, int Seals, string KeyId, bool AreSignaturesJudged);

/// <summary>
/// Seals, each by itself and after the one before: that its checkpoint says what it says, of this ledger, signed; that it names the seal
/// before it, and that its tree continues that one's.
/// </summary>
/// <param name="keys">Whose signatures count; null: signatures are not judged.</param>
/// <param name="intact">Whether no event is known to be changed: a seal that was edited is told as an event that was.</param>
internal sealed class SealChecks(Guid ledger, IReadOnlyList<PublicSealKey>? keys, Func<EventScan.SealEvent, bool> intact)
{
    /// <param name="areIndexesRight">Whether all events before a seal are there, so that they can be counted.</param>
    public IEnumerable<Difference> Of(IReadOnlyList<EventScan.SealEvent> seals, bool areIndexesRight)
    {
        EventScan.SealEvent? before = null;
        foreach (var seal in seals)
        {
            if (intact(seal))
            {
                foreach (var difference in Alone(seal, areIndexesRight))
                    yield return difference;
                if (before is null ? seal.Version == 1 : intact(before) && seal.Version == before.Version + 1)
                    foreach (var difference in After(seal, before))
                        yield return difference;
            }
            before = seal;
        }
    }

    /// <summary>The checkpoint of a seal; null where it cannot be read.</summary>
    public static Checkpoint? CheckpointOf(EventScan.SealEvent seal)
    {
        try
        {
            return Checkpoint.Parse(seal.Seal.Checkpoint ?? "");
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private IEnumerable<Difference> Alone(EventScan.SealEvent seal, bool areIndexesRight)
    {
        if (CheckpointOf(seal) is not { } checkpoint)
        {
            yield return At(seal, "data.checkpoint", "its checkpoint cannot be read");
            yield break;
        }
        if (checkpoint.Origin != Checkpoint.OriginOf(ledger))
            yield return At(seal, "data.checkpoint",
                $"its checkpoint is of {checkpoint.Origin}, and this is {Checkpoint.OriginOf(ledger)}");
        if ((checkpoint.Size, checkpoint.Root) != (seal.Seal.Position, seal.Seal.Root))
            yield return At(seal, "data.root", "its checkpoint was signed for another position or root");
        if (areIndexesRight && seal.Seal.Position > seal.Index)
            yield return At(seal, "data.position", string.Create(CultureInfo.InvariantCulture,
                $"it seals {seal.Seal.Position} events, and there were {seal.Index} before it"));
        var signed = keys is null ? SignatureState.Good : checkpoint.By(keys);
        if (signed is not SignatureState.Good)
            yield return At(seal, "data.checkpoint", signed is SignatureState.Broken
                ? "its signature is not over this checkpoint"
                : $"it is signed by key {Signers(checkpoint)}, and not by {string.Join(" or ", keys!.Select(key => key.Name))}");
    }

    private static IEnumerable<Difference> After(EventScan.SealEvent seal, EventScan.SealEvent? before)
    {
        var (now, then) = (seal.Seal, before?.Seal);
        if (now.PreviousPosition != (then?.Position ?? 0) || now.PreviousRoot != then?.Root)
            yield return At(seal, "data.previousRoot", "it names another seal before it than the one that is there");
        else if (then is null
            ? now.Consistency is { Count: > 0 } : !Continues(then.Position, then.Root, now.Position, now.Root, now.Consistency))
            yield return At(seal, "data.consistency", "its proof does not show that its tree begins with that of the seal before");
    }

    private static bool Continues(long first, string firstRoot, long second, string secondRoot, IReadOnlyList<string> proof)
    {
        try
        {
            return MerkleProofs.Continues(first, Convert.FromHexString(firstRoot), second, Convert.FromHexString(secondRoot),
                [.. proof.Select(Convert.FromHexString)]);
        }
        catch (Exception cause) when (cause is FormatException or ArgumentNullException)
        {
            return false;
        }
    }

    /// <summary>Names of the keys that claim to have signed.</summary>
    public static string Signers(Checkpoint checkpoint) =>
        string.Join(", ", checkpoint.Signatures.Select(signature => PublicSealKey.NameOf(signature.KeyId)));

    public static Difference At(EventScan.SealEvent seal, string field, string what) =>
        new(DifferenceKind.Seal, LedgerIds.Seals, seal.Version, field, what, "ledger_sealed");
}
