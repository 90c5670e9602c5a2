using System.Text;

namespace DevOps.Infrastructure.Ssh;

/// <summary>Keeps the last bytes of a stream.</summary>
internal sealed class Tail(int limit)
{
    private readonly Lock _lock = new();
    private byte[] _bytes = [];
    private int _length;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[Math.Max(0, bytes.Length - limit)..];
        lock (_lock)
        {
            if (_bytes.Length < 2 * limit && _length + bytes.Length > _bytes.Length)
            {
                Array.Resize(ref _bytes, Math.Min(2 * limit, Math.Max(1024, 2 * (_length + bytes.Length))));
            }

            if (_length + bytes.Length > _bytes.Length)
            {
                _bytes.AsSpan(_length - limit, limit).CopyTo(_bytes);
                _length = limit;
            }

            bytes.CopyTo(_bytes.AsSpan(_length));
            _length += bytes.Length;
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            var start = Math.Max(0, _length - limit);
            return Encoding.UTF8.GetString(_bytes, start, _length - start);
        }
    }
}
