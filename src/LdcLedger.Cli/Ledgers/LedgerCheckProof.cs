using System.CommandLine;
using System.Globalization;
using LdcLedger.Cli.Terminal;
using LdcLedger.Domain.Events;
using LdcLedger.Ledger.Chain;
using LdcLedger.Ledger.Store;
using System.Text.Json;

namespace LdcLedger.Cli.Ledgers;

/// <summary><c>ldc ledger check-proof FILE</c>: verifies a proof offline; code 1 where it does not hold.</summary>
internal static class LedgerCheckProof
{
    private static readonly Argument<string> Proof = new("FILE") { Description = "A proof that `ldc ledger prove` wrote." };
    private static readonly Option<bool> Json = CommandLine.JsonOption();

    public static Verb Verb() => new(
        "check-proof",
        """
        Verify a proof, without a database (exit code 1: it does not hold; 2: it cannot be judged).
        It holds where the event's hash follows from its content, the paths lead to the roots,
        and the checkpoint is signed with a key of --key.
        The study's root is the one that a report cites; compare them.
        """,
        Run, Proof, SealFiles.Key, Json)
    {
        Examples = ["ldc ledger check-proof proof.json --key seal-key.pub.pem"],
    };

    private static Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var file = arguments.GetValue(Proof)!;
        var keys = SealFiles.KeysOf(arguments);
        InclusionProof proof;
        try
        {
            proof = InclusionProof.Read(SealFiles.Bytes(file));
        }
        catch (FormatException wrong)
        {
            throw new BadInputException($"{file} is no proof: {wrong.Message}.");
        }
        var wrongs = proof.Check().ToList();
        var checkpoint = wrongs.Count == 0 && proof.Checkpoint is { } note ? Checkpoint.Parse(note) : null;
        if (checkpoint is not null && keys is null)
            throw new BadInputException($"{file} leads to a checkpoint of {checkpoint.Origin}, signed with key "
                + string.Join(", ", checkpoint.Signatures.Select(s => PublicSealKey.NameOf(s.KeyId)))
                + ", and no key is known here to judge that by: "
                + "--key FILE names the public key that the ledger's owner gave out.");
        if (proof.Checkpoint is null && arguments.GetValue(SealFiles.Key) is not null)
            wrongs.Add("it leads to no checkpoint, so that no key vouches for it");
        if (checkpoint is not null && SealFiles.Problem(checkpoint, keys!) is { } problem)
            wrongs.Add($"its checkpoint {problem}");
        if (arguments.GetValue(Json))
            Screen.PrintJson(new
            {
                holds = wrongs.Count == 0, wrongs, proof.Event.Id, proof.Event.Stream, proof.Event.Version, proof.Event.Type,
                study = Place(proof.InStudy), seal = Place(proof.InSeal), checkpoint?.Origin,
            });
        else if (wrongs.Count == 0)
            Print(proof, checkpoint);
        else
            foreach (var wrong in wrongs)
                Screen.Print($"{file} does not hold: {wrong}.");
        return Task.FromResult(wrongs.Count == 0 ? ExitCodes.Done : ExitCodes.Failed);
    }

    private static object? Place(TreePlace? place) => place is null ? null : new { place.Index, place.Size, place.Root };

    private static void Print(InclusionProof proof, Checkpoint? checkpoint)
    {
        var e = proof.Event;
        Screen.Print(string.Create(CultureInfo.InvariantCulture,
            $"event   {e.Id}: {e.Type}, version {e.Version} of stream {e.Stream}, recorded {e.Timestamp:yyyy-MM-dd HH:mm:ss.ffffff} UTC"));
        if (Sentence(e) is { } sentence)
            Screen.Print($"states  {sentence}");
        if (proof.InStudy is { } study)
            Screen.Print(string.Create(CultureInfo.InvariantCulture,
                $"study   is event {study.Index + 1} of {study.Size} of its study, under root {study.Root}"));
        if (proof.InSeal is { } seal)
            Screen.Print(string.Create(CultureInfo.InvariantCulture,
                $"seal    is event {seal.Index + 1} of {seal.Size} of {checkpoint!.Origin}, under root {seal.Root}, signed with key "
                    + $"{string.Join(", ", checkpoint.Signatures.Select(s => PublicSealKey.NameOf(s.KeyId)))}"));
        else
            Screen.Print("seal    none: nobody has signed this; it shows no more than what the study's root is worth");
    }

    private static string? Sentence(EventLine e)
    {
        try
        {
            return EventKinds.Find(e.Type) is { } kind ? kind.Sentence(LedgerJson.Read(kind, e.Data)) : null;
        }
        catch (JsonException)
        {
            return null;   // a kind of a newer ldc
        }
    }
}
