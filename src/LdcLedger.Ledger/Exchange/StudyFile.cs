using System.Globalization;
using System.Text.Json;
using LdcLedger.Domain;
using LdcLedger.Domain.Events;
using LdcLedger.Domain.Studies;

namespace LdcLedger.Ledger.Exchange;

/// <summary>A study's part of a file that was read to its end and found right.</summary>
/// <param name="Number">Its place in the file, from 0 on.</param>
internal sealed record ReadPart(int Number, Guid Study, string Name, long Position, string Root, bool IsChainOurs, long Backward);

/// <summary>Reads a file of studies, line by line, and holds it against all that can be known without a ledger.</summary>
internal static class StudyFile
{
    /// <param name="name">What the file is called in messages.</param>
    /// <param name="take">Gets every event, with the number of its part and its study; what it got counts when this returns.</param>
    /// <exception cref="RuleViolation">A line is not what it should be, or the file is not whole: the message says where.</exception>
    public static async Task<IReadOnlyList<ReadPart>> ReadAsync(
        Stream file, string name, bool unchained, Func<int, Guid, ReadFact, Task> take, CancellationToken cancellation)
    {
        var parts = new Parts(unchained);
        var lines = new FileLines(file);
        try
        {
            while (await lines.NextAsync(cancellation) is { } line)
                if (parts.Take(line) is var (part, study, fact))
                    await take(part, study, fact);
        }
        catch (RuleViolation cause)
        {
            throw new RuleViolation(string.Create(CultureInfo.InvariantCulture, $"{name}, line {lines.Number}: {cause.Message}"));
        }
        try
        {
            return parts.End();
        }
        catch (RuleViolation cause)
        {
            throw new RuleViolation($"{name}: {cause.Message}");
        }
    }

    /// <summary>The parts of a file, one after another.</summary>
    private sealed class Parts(bool unchained)
    {
        private static readonly string Submitted = EventKinds.Of(typeof(StudySubmitted)).Alias;

        private readonly List<ReadPart> _read = [];
        private readonly HashSet<Guid> _studies = [];
        private FirstLine? _first;
        private StudyReading? _reading;

        /// <returns>The event that the line is; null for a part's first line.</returns>
        public (int Part, Guid Study, ReadFact Fact)? Take(ReadOnlyMemory<byte> line)
        {
            using var document = LineReading.Parse(line);
            var root = document.RootElement;
            if (LineReading.IsFirst(root))
            {
                Close();
                _first = LineReading.First(root);
                if (_first is not { Study: not null, Events: not null, Root: not null } && !unchained)
                    throw new RuleViolation("the first line of a study's part needs study, events and root.");
                return null;
            }
            var read = LineReading.Event(root);
            if (_reading is null || IsAnotherStudy(read))
                Open(read);
            if (_first?.Events is { } promised && _reading!.Position == promised)
                throw new RuleViolation(string.Create(
                    CultureInfo.InvariantCulture, $"the first line of the part promises {promised} events, and this is one more."));
            return (_read.Count, _reading!.Study, _reading.Take(read));
        }

        public IReadOnlyList<ReadPart> End()
        {
            Close();
            return _read.Count > 0 ? _read : throw new RuleViolation("it holds no study: it has no line.");
        }

        // Without first lines a study begins with the event that submits it.
        private bool IsAnotherStudy(GivenEvent line) =>
            unchained && _first is null && line.Type == Submitted && line.Stream != _reading!.Study;

        private void Open(GivenEvent line)
        {
            if (_first is null && !unchained)
                throw new RuleViolation(
                    "the file begins with no first line, {\"format\":\"" + StudyLines.Format + "\",...}; "
                    + "a file that was written by hand or by script is imported with --unchained.");
            if (_reading is not null)
                Close();
            var study = _first?.Study ?? StudyOf(line);
            if (!_studies.Add(study))
                throw new RuleViolation($"study {study} begins a second time.");
            _reading = new(study, unchained);
        }

        private static Guid StudyOf(GivenEvent line) => line.Data.TryGetProperty("studyId", out var study)
            && study.ValueKind == JsonValueKind.String && study.TryGetGuid(out var id) ? id
            : throw new RuleViolation("data.studyId is missing or no UUID.");

        private void Close()
        {
            if (_reading is { Position: > 0 } read)
            {
                if (_first?.Events is { } events && events != read.Position)
                    throw new RuleViolation(string.Create(CultureInfo.InvariantCulture,
                        $"the part of study {read.Study} ends after {read.Position} of the {events} events that its first line promises: "
                        + $"the file is not whole."));
                if (_first?.Root is { } root && root != read.Root)
                    throw new RuleViolation(
                        $"the events of study {read.Study} have root {read.Root[..16]}..., and its first line says {root[..16]}...: "
                        + "an event was added, taken away or moved.");
                _read.Add(new(_read.Count, read.Study, read.Name, read.Position, read.Root, read.IsChainOurs, read.Backward));
            }
            else if (_first is { } empty)
                throw new RuleViolation(
                    $"the part of study {empty.Study?.ToString() ?? "none"} has no event after its first line: the file is not whole.");
            (_reading, _first) = (null, null);
        }
    }
}
