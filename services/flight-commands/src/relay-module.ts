import { Module } from '@nestjs/common';

/** The relay answers nothing but its health. */
@Module({})
export class RelayModule {}
