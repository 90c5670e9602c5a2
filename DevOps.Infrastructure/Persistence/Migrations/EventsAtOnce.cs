using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace DevOps.Infrastructure.Persistence.Migrations;

[DbContext(typeof(DevOpsDbContext))]
[Migration("202611291601_EventsAtOnce")]
public sealed class EventsAtOnce : SqlMigration;
