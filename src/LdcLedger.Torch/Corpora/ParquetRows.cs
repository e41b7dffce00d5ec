using System.Text.Json;
using Parquet;
using Parquet.Serialization;

namespace LdcLedger.Torch.Corpora;

/// <summary>Parquet files with the same columns as JSON lines have fields; one row group is in memory at a time.</summary>
internal static class ParquetRows
{
    public static IEnumerable<CorpusRecord> Read(string file)
    {
        var groups = Groups(file);
        var number = 0L;
        for (var group = 0; group < groups; group++)
        {
            foreach (var row in Rows(file, group))
            {
                number++;
                var fields = row.Where(cell => RecordFields.Names.Contains(cell.Key)).ToDictionary(cell => cell.Key, cell => cell.Value);
                yield return RecordFields.Read(JsonSerializer.SerializeToElement(fields), $"{file}, row {number}");
            }
        }
    }

    private static int Groups(string file) => Reading(file, async stream =>
    {
        await using var reader = await ParquetReader.CreateAsync(stream);
        var columns = reader.Schema.Fields.Select(field => field.Name).ToList();
        if (!columns.Contains("messages") && !columns.Contains("text") && !(columns.Contains("prompt") && columns.Contains("response")))
            throw new InvalidInputException(
                $"{file} has the columns {string.Join(", ", columns)}, but text, or prompt and response, or messages is needed.");
        return reader.RowGroupCount;
    });

    private static IEnumerable<IDictionary<string, object>> Rows(string file, int group) =>
        Reading(file, async stream => (await ParquetSerializer.DeserializeUntypedAsync(stream, null, group)).Data);

    private static T Reading<T>(string file, Func<FileStream, Task<T>> read)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return read(stream).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not (InvalidInputException or OutOfMemoryException))
        {
            // the library throws many kinds for damaged files
            throw new InvalidInputException($"{file} cannot be read as Parquet: {e.Message}", e);
        }
    }
}
