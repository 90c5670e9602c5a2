using System.Buffers;
using Microsoft.AspNetCore.Http.Features;

namespace DevOps.Blazor.Webhooks;

/// <summary>The bytes of a delivery as they came, in a borrowed buffer that is given back with this.</summary>
internal sealed class RawBody(WebhookLimits limits) : IDisposable
{
    /// <summary>Longest body, in bytes.</summary>
    public const int Max = 25 * 1024 * 1024;

    // The rest of one that is too long is heard out, so that its sender gets to read the answer.
    private const int MaxHeardOut = 3 * Max;
    private const int Big = 1024 * 1024;
    private const int First = 32 * 1024;

    private byte[] _buffer = [];
    private int _length;
    private bool _isBig;

    /// <summary>What was read.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Reads a request's body.</summary>
    /// <returns>0, or the status that refuses it: 413 or 429.</returns>
    public async Task<int> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength > MaxHeardOut)
        {
            return StatusCodes.Status413PayloadTooLarge;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxHeardOut;
        }

        _buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp((context.Request.ContentLength ?? 0) + 1, First, Big));
        while (true)
        {
            if (_length == _buffer.Length && !Grow())
            {
                return StatusCodes.Status429TooManyRequests;
            }

            var count = await context.Request.Body.ReadAsync(_buffer.AsMemory(_length), context.RequestAborted);
            if (count == 0)
            {
                return 0;
            }

            _length += count;
            if (_length > Max)
            {
                while (await context.Request.Body.ReadAsync(_buffer, context.RequestAborted) > 0)
                {
                    // Nothing of it is kept.
                }

                return StatusCodes.Status413PayloadTooLarge;
            }
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        if (_isBig)
        {
            limits.BigDone();
        }
    }

    private bool Grow()
    {
        if (!_isBig && _length >= Big && !(_isBig = limits.MayBeBig()))
        {
            return false;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Min(2 * _buffer.Length, Max + First));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
        return true;
    }
}
