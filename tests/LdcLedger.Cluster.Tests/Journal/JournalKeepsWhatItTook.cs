using System.Globalization;
using System.Security.Cryptography;
using CsCheck;
using LdcLedger.Cluster.Tests.Servers;
using LdcLedger.Worker.Journal;
using Xunit;

namespace LdcLedger.Cluster.Tests.Journal;

public sealed class JournalKeepsWhatItTook : IDisposable
{
    private static readonly Gen<byte[][]> SomeRecords = Gen.Byte.Array[1, 60].Array[1, 12];
    private readonly string _folder = Directory.CreateTempSubdirectory("ldc-journal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(byte[][] records)
    {
        var path = Path.Combine(_folder, Path.GetRandomFileName());
        using var journal = JournalFile.Open(path);
        foreach (var record in records)
            journal.Append(record);
        return path;
    }

    private static IReadOnlyList<byte[]> Read(string path)
    {
        using var journal = JournalFile.Open(path);
        return journal.Records;
    }

    [Fact]
    public void What_was_appended_is_read_in_order() =>
        SomeRecords.Sample(records => Assert.Equal(records, Read(Write(records))), iter: 50, threads: 1);

    [Fact]
    public void A_file_cut_anywhere_keeps_the_whole_records_before_the_cut_and_takes_new_ones() =>
        Gen.Select(SomeRecords, Gen.Double.Unit).Sample(
            (records, share) =>
            {
                var path = Write(records);
                var cut = (long)(share * new FileInfo(path).Length);
                using (var file = File.OpenWrite(path))
                    file.SetLength(cut);
                var expected = new List<byte[]>();
                for (long at = 0; expected.Count < records.Length && (at += 8 + records[expected.Count].Length) <= cut;)
                    expected.Add(records[expected.Count]);
                using (var journal = JournalFile.Open(path))
                {
                    Assert.Equal(expected, journal.Records);
                    journal.Append([42]);
                }
                Assert.Equal([.. expected, new byte[] { 42 }], Read(path));
            },
            iter: 200, threads: 1);

    [Fact]
    public void A_tail_of_zeros_as_a_power_cut_leaves_it_is_no_record() =>
        SomeRecords.Sample(
            records =>
            {
                var path = Write(records);
                using (var file = File.OpenWrite(path))
                    file.SetLength(file.Length + 100);
                Assert.Equal(records, Read(path));
            },
            iter: 20, threads: 1);

    [Fact]
    public void Damage_before_the_last_record_is_told_and_not_taken_for_a_torn_append()
    {
        var path = Write([[1, 2, 3], [4, 5, 6], [7]]);
        using (var file = File.OpenWrite(path))
        {
            file.Position = 8;
            file.WriteByte(9);
        }
        var damage = Assert.Throws<InvalidDataException>(() => Read(path));
        Assert.Contains("record 1 does not match its checksum", damage.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_in_use_cannot_be_opened_by_another()
    {
        var path = Path.Combine(_folder, "held");
        using var journal = JournalFile.Open(path);
        Assert.Throws<IOException>(() => JournalFile.Open(path));
    }

    [Fact]
    public void Attempts_are_told_apart_by_name_and_discarded_by_name()
    {
        var journals = new JournalFolder(_folder);
        var run = new Guid(SHA256.HashData("run"u8)[..16]);
        foreach (var attempt in new[] { 10, 2 })
            journals.Open(run, attempt).Dispose();
        File.WriteAllText(Path.Combine(_folder, "notes.txt"), "");
        Assert.Equal([(run, 2), (run, 10)], journals.Left());
        journals.Discard(run, 2);
        Assert.Equal([(run, 10)], journals.Left());
    }

    [Fact]
    public async Task A_killed_writer_loses_nothing_that_it_had_appended()
    {
        var path = Path.Combine(_folder, "killed");
        var kept = 0;
        for (var life = 0; life < 10; life++)
        {
            await using var writer = ServerProcess.Start(
                Environment.ProcessPath!, [], new Dictionary<string, string?> { [JournalWriter.Variable] = path });
            await writer.Says((kept + 25 + life * 7).ToString(CultureInfo.InvariantCulture));
            await writer.Kill();
            var acknowledged = int.Parse(writer.Output.TrimEnd('\n').Split('\n')[^1], CultureInfo.InvariantCulture);
            var records = Read(path);
            Assert.InRange(records.Count, acknowledged, acknowledged + 1);
            Assert.Equal(records.Select((_, i) => JournalWriter.Record(i + 1)), records);
            kept = records.Count;
        }
    }
}
