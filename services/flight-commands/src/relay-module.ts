import { Module } from '@nestjs/common';

/** The relay answers nothing but its health and its metrics. */
@Module({})
export class RelayModule {}
