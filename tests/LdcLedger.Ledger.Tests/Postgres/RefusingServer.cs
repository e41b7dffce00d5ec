using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LdcLedger.Ledger.Tests.Postgres;

/// <summary>Speaks PostgreSQL's protocol just far enough to ask for a password, in clear text, and to find it wrong.</summary>
internal sealed class RefusingServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task<string> _asked;

    public RefusingServer()
    {
        _listener.Start();
        _asked = Task.Run(AnswerAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The password that came.</summary>
    public Task<string> PasswordAsync => _asked;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await Task.WhenAny(_asked);
        _listener.Dispose();
    }

    private async Task<string> AnswerAsync()
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            if (await BodyAsync(stream) is [0x04, 0xd2, 0x16, 0x2f, ..])   // asks for TLS
            {
                await stream.WriteAsync("N"u8.ToArray());
                await BodyAsync(stream);
            }
            await stream.WriteAsync((byte[])[(byte)'R', 0, 0, 0, 8, 0, 0, 0, 3]);
            var kind = new byte[1];
            if (await stream.ReadAtLeastAsync(kind, 1, throwOnEndOfStream: false) == 0)
                continue;
            var password = Encoding.UTF8.GetString(await BodyAsync(stream)).TrimEnd('\0');
            var error = Encoding.UTF8.GetBytes("SFATAL\0C28P01\0Mpassword authentication failed for user \"u\"\0\0");
            await stream.WriteAsync((byte[])[(byte)'E', 0, 0, 0, (byte)(error.Length + 4), .. error]);
            return password;
        }
    }

    private static async Task<byte[]> BodyAsync(NetworkStream stream)
    {
        var length = new byte[4];
        await stream.ReadExactlyAsync(length);
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(length) - 4];
        await stream.ReadExactlyAsync(body);
        return body;
    }
}
