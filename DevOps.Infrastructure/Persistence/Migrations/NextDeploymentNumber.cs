using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace DevOps.Infrastructure.Persistence.Migrations;

[DbContext(typeof(DevOpsDbContext))]
[Migration("202611241031_NextDeploymentId")]
public sealed class NextDeploymentNumber : SqlMigration;
